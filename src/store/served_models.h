#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "config/folders.h"
#include "store/manifest.h"

namespace hearth::store {

/// One model of a server: what was configured (defaults where nothing was) and what it is made of.
struct ServedModel {
  config::Model config;
  ModelSpec spec;
};

/// Whether the program that asks has the engine of this name.
using RunsEngine = bool (*)(std::string_view engine);

/// What a server serves, in the order of loading. With --models: those, required, then the rest on demand. Else
/// [[models]] as they are; else the default set as far as it is pulled, preloaded. Whatever else is pulled follows on
/// demand. Only what `runs`; what is configured or named but cannot be run is kUnsupported. What is
/// configured but not pulled stays in the list: loading it says so. kNotFound and kInvalidArgument as find_model.
[[nodiscard]] base::Result<std::vector<ServedModel>> served_models(const config::Config& config,
                                                                   const config::Folders& folders, RunsEngine runs);

}  // namespace hearth::store
