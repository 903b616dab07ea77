#include "store/fetch_picture.h"

#include <filesystem>
#include <utility>

#include "base/child.h"
#include "base/environment.h"
#include "base/files.h"
#include "store/fetch_program.h"
#include "store/picture_type.h"

namespace hearth::store {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr base::Bytes kMostReason{4096};
constexpr base::Millis kLimit{25'000};  // it has its own, of 20 s; this is for one that hangs

}  // namespace

Result<FetchedPicture> fetch_picture(const std::string& url, base::Bytes most, const std::stop_token& stop) {
  const auto program = find_fetch_program();
  if (!program) return fail(Code::kUnsupported, program.error().message, program.error().remedy);
  const auto scratch = base::TempFolder::make("hearth-picture");
  if (!scratch) return fail(scratch.error());
  const std::filesystem::path file = scratch->path() / "picture";
  const auto ran =
      base::run_program(*program, {"--picture", url, "--out", file.string(), "--most", std::to_string(most.count)},
                        {.stop = stop, .limit = kLimit, .environment = base::environment_without_keys()});
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
