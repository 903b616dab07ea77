#pragma once

// Joins the voice and turn detectors to the store: each is one graph, opened as it was pulled.

#include "app/engine_table.h"

namespace hearth::app {

[[nodiscard]] Opened load_silero(const Loading& loading);
[[nodiscard]] Opened load_smart_turn(const Loading& loading);

}  // namespace hearth::app
