#pragma once

// What is made from a model to make the next start faster: split and optimised graphs, compiled lexicons. An entry is a
// folder that is either whole or absent: it is made under another name, described by a list of its files, then renamed.
// An entry that is damaged, or made by another version, is as good as absent: ensure() makes it again. One that could
// not be read may be whole: it stays. Nothing here knows what an artefact holds; the builder does.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/child.h"
#include "base/result.h"
#include "base/units.h"
#include "store/local_model.h"
#include "store/verified_cache.h"

namespace hearth::store {

/// All that changes the bytes of an artefact. Two keys are one entry only if every field is equal.
struct ArtefactKey {
  std::string name;          // "kokoro-graph", "lexicon-en": letters, digits, '-', '_', '.'
  std::string model_digest;  // what stands for the files it is made from: joined_digests() in local_model.h
  std::string library;       // name and version of the library that will open it, e.g. "onnxruntime-1.31.1"
  std::string cpu;           // the instruction sets it was made for; empty where they make no difference
  int version = 1;           // of the builder: raised when what it makes changes
  /// NAME and 16 hex digits of the fields' hash: the entry's folder.
  [[nodiscard]] std::string folder_name() const;
  friend bool operator==(const ArtefactKey&, const ArtefactKey&) = default;
};

/// Which folder somebody looked at. What is made again under the same name is another.
struct SeenFolder {
  std::uint64_t inode = 0;
  std::int64_t mtime_ns = 0;  // of the folder itself: when a file last came or went
  std::string description;    // of its files, as it was written; empty where it could not be read
  friend bool operator==(const SeenFolder&, const SeenFolder&) = default;
};

/// A digest, and the file that it was taken of, as it was then.
struct TakenDigest {
  std::filesystem::path path;
  FileIdentity identity;
  std::string sha256;
};

struct Artefact {
  ArtefactKey key;
  std::filesystem::path folder;
  base::Bytes size{0};
  SeenFolder seen{};
  std::vector<TakenDigest> taken{};  // of every file, where ensure() has just made it; else none
  [[nodiscard]] std::filesystem::path file(std::string_view name) const { return folder / name; }
};

/// Writes the artefact's files into `folder`, which exists and is empty. No subfolders.
using ArtefactBuilder = std::function<base::Result<void>(const std::filesystem::path& folder)>;

class ArtefactCache {
 public:
  /// Makes nothing yet.
  explicit ArtefactCache(std::filesystem::path root) : root_(std::move(root)) {}

  /// The entry, if it is there and passes the cheap check: its description, every size, and a hash of each file's first
  /// and last 4 KiB. Microseconds; fit for the critical path. kNotFound, or kCorrupt (which a caller treats the same);
  /// kIo or kPermission where it could not be read, which says nothing of it. Any thread.
  [[nodiscard]] base::Result<Artefact> find(const ArtefactKey& key) const;

  /// find(), or build it. One builder at a time over all processes; the others wait for it and take what it made:
  /// `alive` is called some twenty times a second meanwhile, and a requested `stop` ends the wait with kCancelled (a
  /// build is the builder's own to stop). The builder's error is returned and leaves nothing behind, and so is find()'s
  /// where the entry could not be read. Blocks; any thread.
  [[nodiscard]] base::Result<Artefact> ensure(const ArtefactKey& key, const ArtefactBuilder& build,
                                              const std::stop_token& stop = {}, const base::Alive& alive = {}) const;

  /// Whether `known` has each file as it is now with the digest taken when it was made. Reads the description only.
  [[nodiscard]] bool is_verified(const Artefact& artefact, const VerifiedCache& known) const;
  /// Reads every byte of the files that `known` does not have, and remembers the right ones (the caller saves).
  /// kCorrupt names the one that differs; kCancelled.
  [[nodiscard]] base::Result<void> verify(const Artefact& artefact, VerifiedCache& known,
                                          const std::stop_token& stop = {}) const;
  /// Remembers the digests that ensure() took of what it made, so that it need not be read again (the caller saves).
  static void remember(const Artefact& made, VerifiedCache& known);

  enum class Health {
    kGood,
    kDamaged,  // or no entry at all
    kUnknown,  // it could not be read
  };
  /// A folder of the cache, by the cheap check.
  struct Entry {
    ArtefactKey key;  // empty when it cannot be told
    std::filesystem::path folder;
    base::Bytes size{0};
    Health health = Health::kUnknown;
    SeenFolder seen{};
  };
  [[nodiscard]] std::vector<Entry> list() const;
  /// Removes what list() saw. kConflict, and it stays: its builder is at work, or it was made again, or is not damaged
  /// any more. Nothing to do where it is gone.
  [[nodiscard]] base::Result<void> remove(const Entry& entry) const;
  /// Removes what find() found and its user found damaged, unless it was made again since. Waits for its builder;
  /// kCancelled soon after `stop`.
  [[nodiscard]] base::Result<void> discard(const Artefact& artefact, const std::stop_token& stop) const;
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace hearth::store
