#pragma once

// One real question for each capability, whose right answer is known: what `hearth doctor --live` asks a model that it
// has just loaded. Whatever the model says besides is its own affair; these are things that every model worth serving
// gets right.

#include <stop_token>
#include <string>

#include "base/result.h"
#include "engine/engine.h"

namespace hearth::app {

/// Asks the first capability that `engine` has; of a language model, to write, to rank or to embed, as it can. A
/// sentence on what it answered. kInternal when an answer is wrong, with both; the engine's own error when there was
/// none. Blocks for seconds at most.
[[nodiscard]] base::Result<std::string> ask_known(engine::Engine& engine, const std::stop_token& stop);

}  // namespace hearth::app
