#pragma once

// Files that the configuration names outside our folder of models: a user's own.

#include <filesystem>
#include <vector>

#include "base/units.h"
#include "store/served_models.h"

namespace hearth::app {

/// PURE. Those of one model: its path and its projector, each with the other parts of a file that is split.
[[nodiscard]] std::vector<std::filesystem::path> own_files(const store::ServedModel& model);

/// What its files take on the disk: the manifest's sizes, and of own files what is there now (of a folder, the files in
/// it). What is missing counts nothing; loading it says so.
[[nodiscard]] base::Bytes bytes_of_files(const store::ServedModel& model);

}  // namespace hearth::app
