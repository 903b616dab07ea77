#pragma once

// Inside engines/llama only, for .cc files: a plan's results to the client, and errors in the client's own form.

#include <stop_token>

#include "base/result.h"
#include "engine/language_model.h"
#include "engines/llama/loaded_model.h"
#include "engines/llama/request.h"

namespace hearth::engines::llama {

/// Waits for a slot, runs the plan's tasks and writes what they give. See LanguageModel::answer for the contract.
[[nodiscard]] base::Result<void> run_plan(LoadedModel& model, Plan plan, engine::LanguageSink& sink,
                                          const std::stop_token& stop);

/// A whole answer that says why there is none.
[[nodiscard]] base::Result<void> answer_refusal(engine::LanguageCall call, const Refusal& refusal,
                                                engine::LanguageSink& sink);

}  // namespace hearth::engines::llama
