#pragma once

// Files and mappings, with errors as values. Nothing here follows a promise of atomicity it cannot keep: a file is
// either the old one or the whole new one.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/units.h"

namespace hearth::base {

/// The whole file; kExhausted if it is larger than `limit`.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, Bytes limit = Bytes{64 << 20});

/// Writes to a temporary name beside `path`, syncs, renames. On any error (a full disk too) nothing is left behind and
/// the old file stands. Makes missing parent folders.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// A read-only mapping of a whole file. Move-only; the bytes stay valid until destruction, whatever happens to the
/// name. A file that somebody truncates while it is mapped raises SIGBUS on access: map only files that are replaced by
/// rename.
class MappedFile {
 public:
  enum class Prefetch { kNo, kYes };  // kYes asks the kernel to read ahead and to map the pages that are already cached
  [[nodiscard]] static Result<MappedFile> open(const std::filesystem::path& path, Prefetch prefetch = Prefetch::kNo);
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();
  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Told after each MiB which part of the file, 0 … 1, has been read: a sign of life where a disk is slow.
using ReadProgress = std::function<void(double fraction)>;
/// Reads a file through the page cache and throws the bytes away, so that a later mapping finds it in memory.
/// Plain reads, because faulting a cold mapping page by page is several times slower.
[[nodiscard]] Result<void> prefetch_file(const std::filesystem::path& path, const ReadProgress& on_read = {});
/// prefetch_file(), but only where a good part of the file is not in memory yet: to look costs a fraction of a
/// millisecond.
[[nodiscard]] Result<void> prefetch_if_cold(const std::filesystem::path& path, const ReadProgress& on_read = {});

/// Holds an exclusive advisory lock on `path` (made if missing) until destroyed. Waits for another holder.
class FileLock {
 public:
  [[nodiscard]] static Result<FileLock> acquire(const std::filesystem::path& path);
  /// kConflict when another process holds it.
  [[nodiscard]] static Result<FileLock> try_acquire(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

/// A folder of its own for a while, which nobody else can look into; it goes with all that is in it. Move-only.
class TempFolder {
 public:
  /// Where the system keeps what is temporary; the name begins with `prefix`, e.g. "hearth-graph".
  [[nodiscard]] static Result<TempFolder> make(std::string_view prefix);
  TempFolder(TempFolder&& other) noexcept;
  TempFolder& operator=(TempFolder&& other) noexcept;
  ~TempFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit TempFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;  // empty: moved from
};

}  // namespace hearth::base
