#pragma once

// SHA-256 of files and streams: the only digest the store trusts. About 1 GB/s where the CPU has SHA instructions, 400
// MB/s elsewhere, so it runs when a file is fetched, in `verify`, and once before the first load of a file that nobody
// has compared here yet; a usual start looks at identities only (docs/decisions/0009-files-are-verified-once.md).

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace hearth::store {

/// One digest under way. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  /// 64 lower-case hex digits; the object starts anew.
  [[nodiscard]] std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Called now and then with the bytes done so far; may be empty.
using ByteProgress = std::function<void(base::Bytes done)>;

[[nodiscard]] std::string sha256_of(std::string_view bytes);
/// Reads the whole file; kCancelled soon after `stop` is requested.
[[nodiscard]] base::Result<std::string> sha256_of_file(const std::filesystem::path& path,
                                                       const ByteProgress& progress = {}, std::stop_token stop = {});
/// 64 hex digits in lower case.
[[nodiscard]] bool is_sha256(std::string_view text);

}  // namespace hearth::store
