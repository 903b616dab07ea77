#include "store/fetch_picture.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/child.h"
#include "base/files.h"
#include "store/fetch_program.h"
#include "store/picture_type.h"

namespace hearth::store {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr base::Bytes kMostReason{4096};

/// A folder for one fetch that nobody else can look into, removed with all that is in it.
class Scratch {
 public:
  static Result<Scratch> make() {
    std::error_code ec;
    std::filesystem::path place = std::filesystem::temp_directory_path(ec);
    if (ec) place = "/tmp";
    std::string name = (place / "hearth-picture-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return fail(base::error_from_errno(errno, "making " + name));
    return Scratch(std::move(name));
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::filesystem::path file() const { return path_ / "picture"; }

 private:
  explicit Scratch(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace

Result<FetchedPicture> fetch_picture(const std::string& url, base::Bytes most, const std::stop_token& stop) {
  const auto program = find_fetch_program();
  if (!program) return fail(Code::kUnsupported, program.error().message, program.error().remedy);
  const auto scratch = Scratch::make();
  if (!scratch) return fail(scratch.error());
  const std::filesystem::path file = scratch->file();
  const auto ran =
      base::run_program(*program, {"--picture", url, "--out", file.string(), "--most", std::to_string(most.count)},
                        base::Urgency::kForeground, stop);
  if (!ran) {
    if (ran.error().code == Code::kCancelled) return fail(ran.error());
    auto why = base::read_file(file.string() + kWhyNoPicture, kMostReason);
    if (!why || why->empty()) return fail(ran.error());
    return fail(Code::kUnavailable, std::move(*why));
  }
  auto bytes = base::read_file(file, most);
  if (!bytes) return fail(bytes.error());
  std::string type(find_picture_type(*bytes));
  if (type.empty()) return fail(Code::kUnavailable, "what came is no picture");
  return FetchedPicture{std::move(type), std::move(*bytes)};
}

}  // namespace hearth::store
