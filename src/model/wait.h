#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/units.h"
#include "model/state.h"

namespace hearth::model {

/// How long a caller is ready to wait for a model. It bounds that caller only: the load goes on.
struct Wait {
  enum class Kind { kNoWait, kUntil, kForever };
  Kind kind = Kind::kForever;
  base::Instant deadline{};  // with kUntil, on the registry's clock

  [[nodiscard]] static Wait none() { return {Kind::kNoWait, {}}; }
  [[nodiscard]] static Wait until(base::Instant deadline) { return {Kind::kUntil, deadline}; }
  [[nodiscard]] static Wait forever() { return {}; }
};

/// Why a model was not had, with what a 503 wants to say. Codes: kNotFound (no such name), kUnavailable (still loading
/// and the caller does not wait, or shutting down), kTimedOut (the caller's deadline), kCancelled (the caller's stop
/// token), kExhausted (it cannot fit in memory), or the code with which its load failed.
struct NotReady {
  base::Error error{};
  State state = State::kAbsent;
  std::string stage{};
  double progress = 0;          // 0 … 1
  base::Duration elapsed{};     // of the fetch or load under way, since it was asked for
  base::Millis retry_after{0};  // when asking again may help; 0: it will not
};

}  // namespace hearth::model
