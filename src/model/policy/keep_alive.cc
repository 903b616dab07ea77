#include "model/policy/keep_alive.h"

namespace hearth::model {

IdleDecision decide_idle(const IdleView& view) {
  if (view.pinned || view.in_use || !view.ttl) return {};
  const base::Instant due = view.idle_since + *view.ttl;
  if (view.now >= due) return {.unload = true, .ask_again = {}};
  return {.unload = false, .ask_again = due};
}

bool is_touch_due(const KeepAliveView& view) {
  return !view.in_use && view.now - view.idle_since > view.threshold && view.now - view.last_touch >= view.interval;
}

}  // namespace hearth::model
