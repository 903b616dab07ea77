#pragma once

// Joins Whisper's adapter to the store: which file it opens, and who makes it.

#include "app/engine_table.h"

namespace hearth::app {

/// Opens a model in ggml's format: the artefact that was converted from the model as it was pulled (made first when it
/// is missing: a second), or the file that a user's own entry points to.
[[nodiscard]] Opened load_whisper(const Loading& loading);
/// Converts a CTranslate2 model to ggml's format; does nothing for a user's own ggml file.
[[nodiscard]] base::Result<void> prepare_whisper(const store::LocalModel& model, Workshop& workshop,
                                                 const Preparing& how);
[[nodiscard]] bool is_whisper_prepared(const store::LocalModel& model, Workshop& workshop);

}  // namespace hearth::app
