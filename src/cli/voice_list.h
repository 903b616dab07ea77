#pragma once

// The voices of `hearth say --list-voices`: of a running server, or of a model that is opened here.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/load.h"
#include "engine/speech_synthesizer.h"

namespace hearth::cli {

/// Of the document that /v1/audio/voices gives, in its order; kInternal where it is damaged. Pure.
[[nodiscard]] base::Result<std::vector<engine::Voice>> parse_voices(std::string_view document);

/// Those of `model`, of the server or here. Block.
[[nodiscard]] base::Result<std::vector<engine::Voice>> ask_voices(const config::Server& server,
                                                                  const std::string& model);
[[nodiscard]] base::Result<std::vector<engine::Voice>> find_voices(const config::Loaded& loaded,
                                                                   const std::string& model);

}  // namespace hearth::cli
