#pragma once

// Joins the voice and turn detectors to the store: each is one graph, opened as it was pulled.

#include "app/engine_table.h"

namespace hearth::app {

[[nodiscard]] engine::Load make_silero_load(const store::ServedModel& model, Workshop& workshop);
[[nodiscard]] engine::Load make_smart_turn_load(const store::ServedModel& model, Workshop& workshop);

}  // namespace hearth::app
