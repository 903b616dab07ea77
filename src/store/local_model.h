#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "config/config.h"
#include "config/folders.h"
#include "store/manifest.h"

namespace hearth::store {

/// A file's identity on this machine: changes when somebody writes or replaces it.
struct FileIdentity {
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  /// "INODE-SIZE-TIME": stands in for a digest where there is none, e.g. in an artefact's key.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// kNotFound, kPermission, or kInvalidArgument for what is no regular file.
[[nodiscard]] base::Result<FileIdentity> identify(const std::filesystem::path& path);

struct LocalFile {
  std::string name;
  std::filesystem::path path;
  FileIdentity identity;
  std::string sha256;         // what the manifest wants; empty for a file the user points to
  std::vector<Piece> pieces;  // of a joined file, e.g. the voices in voices.bin
  /// For an artefact's key: the digest, or for a file that has none its identity on this machine.
  [[nodiscard]] std::string digest_or_identity() const { return sha256.empty() ? identity.text() : sha256; }
};

/// A model whose files are all here with the right sizes. Whether their bytes are right too, verify.h says: when they
/// are pulled, else before their first load.
struct LocalModel {
  std::string name;
  config::ModelKind kind = config::ModelKind::kTts;
  std::string engine;
  std::filesystem::path folder;
  std::vector<LocalFile> files;
  [[nodiscard]] const LocalFile* file(std::string_view file_name) const;
  [[nodiscard]] Bytes size() const;
};

/// For the key of what is made from several files: what stands for each, joined by kDigestJoint.
[[nodiscard]] std::string joined_digests(std::span<const LocalFile* const> files);
inline constexpr char kDigestJoint = '+';

/// Looks at names, sizes and times only: one stat a file, no digest, so that it can stand on the critical path (a few
/// tens of microseconds for kokoro). kNotFound when it is not pulled, kCorrupt when a size is wrong; the remedy is the
/// command.
[[nodiscard]] base::Result<LocalModel> find_local(const ModelSpec& spec, const config::Folders& folders);

}  // namespace hearth::store
