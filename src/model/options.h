#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "base/units.h"
#include "model/budget.h"
#include "model/events.h"
#include "model/fetch.h"
#include "model/policy/admission.h"

namespace hearth::model {

/// Numbers that somebody may want to change, with reasons for their defaults.
struct RegistryOptions {
  base::Bytes budget = Budget::kUnlimited;
  /// Files on disk to bytes in memory before the first measure: sessions measured so far took 1.3 to 2.5 times their
  /// files.
  double estimate_factor = 2.0;
  int max_loading = 4;  // at once, of all groups; those beyond wait in the order required, preload, on demand
  std::map<std::string, GroupCap> groups{};         // a group that is not named has no caps
  base::Duration queue_sign = base::Millis{3000};   // a queued load shows life this often: its start watches for 10 s
  base::Duration retry_delay = base::Millis{500};   // before the one retry of an error that may pass
  base::Duration retry_after = base::Millis{5000};  // a failed model is not tried again sooner
  /// A loaded model that nobody has used yet is not evicted for this long.
  base::Duration unserved_grace = base::Millis{30'000};
  /// What else is known of a name that no model here has; nothing: that there is none. Quick; on the registry's strand.
  std::function<std::optional<base::Error>(const std::string& name)> explain_unknown{};
};

/// What the registry works with. All of it is borrowed and must outlive the registry; the executors must run what is
/// posted to them by themselves, because the registry's destructor waits for it.
struct RegistryParts {
  base::Clock& clock;
  base::Timers& timers;
  base::Executor& strand;      // carries the registry's own short steps; never blocked by them
  base::Executor& loads;       // runs the load functions
  base::Executor& background;  // fetches, warm-ups, and the destruction of engines
  Events* events = nullptr;
  Fetch* fetch = nullptr;                   // null: every file is where it should be
  std::function<base::Bytes()> resident{};  // the process's resident set; empty: nothing is measured
  std::function<void()> return_memory{};    // gives freed memory back to the system (malloc_trim); may be empty
};

}  // namespace hearth::model
