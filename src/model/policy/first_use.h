#pragma once

#include <optional>

#include "base/result.h"

namespace hearth::model {

/// How a use ended. None: no inference came of it.
using UseResult = std::optional<base::Result<void>>;

/// What one use has shown of the engine.
enum class UseVerdict {
  kServed,   // it works
  kUnknown,  // nothing: the request was at fault, or the client left
  kBroken,   // it cannot be what it should: a model that nothing has validated is taken out of memory
};

/// A load makes no test inference, so a model's first real one is its validation: until one has gone well, an engine's
/// own failure (kInternal, kCorrupt) condemns it. Later the same failure is that request's bad luck. Pure.
[[nodiscard]] UseVerdict judge_use(const UseResult& result, bool is_validated);

}  // namespace hearth::model
