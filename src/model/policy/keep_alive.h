#pragma once

#include <optional>

#include "base/units.h"

namespace hearth::model {

/// What idleness decides about one loaded model. Pure.
struct IdleView {
  base::Instant now{};
  base::Instant idle_since{};  // last end of a real use, or when it became ready
  bool in_use = false;
  bool pinned = false;
  std::optional<base::Duration> ttl{};
};

struct IdleDecision {
  bool unload = false;
  std::optional<base::Instant> ask_again{};  // when the answer may become true
};

/// A model is unloaded when it has been idle for its ttl; one without a ttl, pinned or in use never is.
[[nodiscard]] IdleDecision decide_idle(const IdleView& view);

struct KeepAliveView {
  base::Instant now{};
  base::Instant idle_since{};
  base::Instant last_touch{};  // of a keep-alive or a warm-up; zero: never
  bool in_use = false;
  base::Duration threshold{};  // only a model idle for longer is touched
  base::Duration interval{};   // and not more often than this
};

/// Whether a synthetic inference is due that keeps an idle model's pages in memory. After a suspended machine or a
/// clock that jumped it is due once, however many intervals have passed.
[[nodiscard]] bool is_touch_due(const KeepAliveView& view);

}  // namespace hearth::model
