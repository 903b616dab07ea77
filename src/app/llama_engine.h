#pragma once

// Joins llama.cpp's adapter to the store and the config: which file is opened how, and who looks at a stranger's first.

#include "app/engine_table.h"

namespace hearth::app {

/// A model of the manifest has a digest that was checked when it was pulled; its file is opened as it is. A file that
/// the user points to is first opened by a program of its own (hearth-probe, with limits), because llama.cpp aborts the
/// process on some damaged files: kCorrupt where that one ended badly. What it found right is remembered until the file
/// changes.
[[nodiscard]] engine::Load make_llama_load(const store::ServedModel& model, Workshop& workshop);

}  // namespace hearth::app
