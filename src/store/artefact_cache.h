#pragma once

// What is made from a model to make the next start faster: split and optimised graphs, compiled lexicons. An entry is a
// folder that is either whole or absent: it is made under another name, described by a list of its files, then renamed.
// An entry that is damaged, or made by another version, is as good as absent: ensure() makes it again. Nothing here
// knows what an artefact holds; the builder does.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
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

struct Artefact {
  ArtefactKey key;
  std::filesystem::path folder;
  base::Bytes size{0};
  [[nodiscard]] std::filesystem::path file(std::string_view name) const { return folder / name; }
};

/// Writes the artefact's files into `folder`, which exists and is empty. No subfolders.
using ArtefactBuilder = std::function<base::Result<void>(const std::filesystem::path& folder)>;

class ArtefactCache {
 public:
  /// Makes nothing yet.
  explicit ArtefactCache(std::filesystem::path root) : root_(std::move(root)) {}

  /// The entry, if it is there and passes the cheap check: its description, every size, and a hash of each file's first
  /// and last 4 KiB. Microseconds; fit for the critical path. kNotFound, or kCorrupt (which a caller treats the same).
  /// Any thread.
  [[nodiscard]] base::Result<Artefact> find(const ArtefactKey& key) const;

  /// find(), or build it. One builder at a time over all processes; the others wait for it and take what it made. The
  /// builder's error is returned and leaves nothing behind. Blocks; any thread.
  [[nodiscard]] base::Result<Artefact> ensure(const ArtefactKey& key, const ArtefactBuilder& build) const;

  /// Whether `known` has each file as it is now with the digest taken when it was made. Reads the description only.
  [[nodiscard]] bool is_verified(const Artefact& artefact, const VerifiedCache& known) const;
  /// Reads every byte of the files that `known` does not have, and remembers the right ones (the caller saves).
  [[nodiscard]] base::Result<void> verify(const Artefact& artefact, VerifiedCache& known) const;

  /// What is in the cache. A folder that is no entry, or a damaged one, has `healthy == false`.
  struct Entry {
    ArtefactKey key;  // empty when it cannot be told
    std::filesystem::path folder;
    base::Bytes size{0};
    bool healthy = false;
  };
  [[nodiscard]] std::vector<Entry> list() const;
  /// Removes one entry of list(), under the lock of its builder.
  [[nodiscard]] base::Result<void> remove(const Entry& entry) const;
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace hearth::store
