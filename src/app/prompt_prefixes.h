#pragma once

// System prompts that language models have read before they are asked: where the artefacts of [[prefix]] entries are,
// and how they are made. What is in one is engines/llama's affair (prefix_writer.h).

#include <vector>

#include "app/engine_table.h"
#include "config/prefixes.h"
#include "engines/llama/llama.h"

namespace hearth::app {

/// For opening the model: reads the texts, opens no artefact. A text that cannot be read is told in the log, and its
/// prefix is left out.
[[nodiscard]] std::vector<engines::llama::PrefixSource> prefix_sources(const store::LocalModel& model,
                                                                       const engines::llama::LlamaOptions& options,
                                                                       const Workshop& workshop);

/// EngineEntry's prepare and is_prepared: one artefact a prefix, each made by hearth-prefix. The errors of the first
/// that could not be made; the others are tried all the same.
[[nodiscard]] base::Result<void> prepare_prefixes(const store::LocalModel& model, Workshop& workshop,
                                                  const Preparing& how);
[[nodiscard]] bool are_prefixes_prepared(const store::LocalModel& model, Workshop& workshop);

}  // namespace hearth::app
