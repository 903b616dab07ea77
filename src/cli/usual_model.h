#pragma once

// Which model a verb takes when none is named.

#include <span>
#include <string>

#include "config/load.h"
#include "store/served_models.h"

namespace hearth::cli {

/// The first of this kind, in the order of loading, as a server has it: of speech and transcription models that load
/// alike, one of the default set. Empty where there is none. Pure.
[[nodiscard]] std::string first_of_kind(std::span<const store::ServedModel> served, config::ModelKind kind);

/// first_of_kind() of the configuration, or the one of the default set: whoever opens that one is told that it is not
/// here, or what is wrong with the configuration.
[[nodiscard]] std::string usual_model(const config::Loaded& loaded, config::ModelKind kind);

}  // namespace hearth::cli
