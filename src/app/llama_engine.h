#pragma once

// Joins llama.cpp's adapter to the store and the config: which file is opened how, and who looks at a stranger's first.

#include "app/engine_table.h"
#include "engines/llama/llama.h"

namespace hearth::app {

/// A model whose files are known to be what the manifest wants (store/verified_cache.h) is opened as it is. Any other,
/// and any with a projector, is first opened by a program of its own (hearth-probe, with limits), model and projector
/// together, because llama.cpp aborts the process on some damaged files: kCorrupt where that one ended badly. What it
/// found right is remembered until one of the files changes.
[[nodiscard]] Opened load_llama(const Loading& loading);

/// The model's file, or the first of its parts. Where there is one file it is that, whatever it is called: its bytes
/// decide when it is opened. kNotFound.
[[nodiscard]] base::Result<store::LocalFile> find_gguf(const store::LocalModel& model);
/// How the configuration wants a model of this name to be opened, but for its prefixes.
[[nodiscard]] base::Result<engines::llama::LlamaOptions> llama_options(const store::LocalModel& model,
                                                                       const Workshop& workshop);

}  // namespace hearth::app
