#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/folders.h"
#include "store/local_model.h"

namespace hearth::store {

/// A file may have a second entry, under its path with this at the end: that it was opened on trial.
inline constexpr std::string_view kTrialEntry = ".probed";

/// Which files' digests were computed and found right, by path, inode, size and modification time, so that no start and
/// no second `verify` reads hundreds of megabytes again. A small text file beside the models; a damaged one counts as
/// empty. What stands for a file that is gone is dropped when it is written. Not thread-safe; processes may use it at
/// once (the last writer's additions are merged under a lock).
class VerifiedCache {
 public:
  [[nodiscard]] static VerifiedCache load(const config::Folders& folders);
  /// True if this very file, unchanged since, had this digest.
  [[nodiscard]] bool contains(const std::filesystem::path& path, const FileIdentity& identity,
                              std::string_view sha256) const;
  /// contains() of every file that has a digest; the user's own have none.
  [[nodiscard]] bool knows(const LocalModel& model) const;
  void remember(const std::filesystem::path& path, const FileIdentity& identity, std::string_view sha256);
  void forget(const std::filesystem::path& path);
  /// Writes what was remembered and forgotten since load(), merged with what other processes wrote meanwhile;
  /// without what is gone, and no more than load() reads.
  [[nodiscard]] base::Result<void> save();

 private:
  struct Entry {
    FileIdentity identity;
    std::string sha256;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  [[nodiscard]] static Entries read(const std::filesystem::path& file);
  std::filesystem::path file_;
  Entries entries_;
  std::map<std::string, bool, std::less<>> touched_;  // true: remembered, false: forgotten
};

}  // namespace hearth::store
