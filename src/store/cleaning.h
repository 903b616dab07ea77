#pragma once

// What in our own folders nobody needs any more. Deciding and removing are apart, so that --dry-run shows exactly what
// a real run does. Models are never removed here: that is `hearth models rm`, by name.

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "config/config.h"
#include "config/folders.h"
#include "store/artefact_cache.h"

namespace hearth::store {

struct Removal {
  std::filesystem::path path;
  base::Bytes size{0};
  std::string why;                                 // "of a model that is not here", "made by an older version", …
  std::optional<ArtefactCache::Entry> artefact{};  // as it was seen; what has come in its place since then stays
};

/// kGentle: damaged artefacts, those of models that are gone, those that a newer one of the same model replaces, and
/// beginnings of downloads, artefacts and files of ours older than a day. kAggressive: every artefact and every
/// beginning of one or of a download; the next start makes again what it needs.
enum class Cleaning { kGentle, kAggressive };

/// Follows no links and looks nowhere but in models/, artefacts/ and the state folder. Reads names, sizes and
/// descriptions, no contents.
[[nodiscard]] std::vector<Removal> plan_cleaning(const config::Config& config, const config::Folders& folders,
                                                 Cleaning cleaning, std::filesystem::file_time_type now);

/// Removes one entry of the plan. kConflict, and it stays: another process works on it, or an artefact is not what it
/// was when the plan was made.
[[nodiscard]] base::Result<void> apply(const Removal& removal, const config::Folders& folders);

/// What a folder holds, in bytes.
[[nodiscard]] base::Bytes size_of_folder(const std::filesystem::path& folder);

}  // namespace hearth::store
