#pragma once

// Joins Kokoro's adapter to the store: which files and artefacts it opens, and who makes them.

#include "app/engine_table.h"

namespace hearth::app {

/// Opens the split graphs where they are there and whole, else the model as it was pulled (slower, same sound);
/// compiles the lexicons when they are missing.
[[nodiscard]] Opened load_kokoro(const Loading& loading);
/// Compiles the lexicons and cuts the graphs, in a process of its own (hearth-graph): the cut needs libraries and
/// memory that a server should not have.
[[nodiscard]] base::Result<void> prepare_kokoro(const store::LocalModel& model, Workshop& workshop,
                                                const Preparing& how);
[[nodiscard]] bool is_kokoro_prepared(const store::LocalModel& model, Workshop& workshop);
/// Whether the configured voice and language exist.
[[nodiscard]] base::Result<void> check_speech(const config::Loaded& loaded);

}  // namespace hearth::app
