#pragma once

// What a start of the configured server reads from the disk: for a bench that wants it to be read anew.

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "config/load.h"

namespace hearth::cli {

/// This program, its libraries, our folders of models and artefacts, and what the configuration names outside them.
/// Folders stand for all that is in them; nothing is looked for on the disk. Errors as app::served_models.
[[nodiscard]] base::Result<std::vector<std::filesystem::path>> files_of_start(const config::Loaded& loaded);

}  // namespace hearth::cli
