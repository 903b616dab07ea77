#pragma once

// Inside engines/llama only, for .cc files: what a model's vocabulary answers without the model's loop.

#include <server-common.h>

#include "engines/llama/loaded_model.h"

namespace hearth::engines::llama {

// Documents of /tokenize and /detokenize. Both throw Refusal.
[[nodiscard]] json tokens_of(const LoadedModel& model, const json& request);
[[nodiscard]] json text_of(const LoadedModel& model, const json& request);

}  // namespace hearth::engines::llama
