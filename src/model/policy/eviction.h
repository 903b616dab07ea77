#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/units.h"

namespace hearth::model {

/// A model that is in memory or on its way there, as the policies see it.
struct Resident {
  std::size_t id = 0;         // the caller's
  int group = 0;              // the caller's; models of one group share its caps
  base::Bytes bytes{};        // measured or estimated
  base::Instant last_used{};  // last end of a real use; of a model not used yet, when it became ready
  bool in_use = false;        // leased, or being warmed up
  bool loaded = false;        // false: fetching, loading or unloading
  bool pinned = false;
  bool has_served = false;
};

struct EvictionAsk {
  base::Bytes bytes{};  // to be freed in all; zero or less asks for none
  int group = 0;
  int models = 0;  // how many models must leave `group`
  base::Instant now{};
  base::Duration unserved_grace{};  // a model that has not served yet is safe for this long after it became ready
};

struct EvictionPlan {
  std::vector<std::size_t> victims{};  // Resident::id
  bool fits = false;
};

/// Whether it may leave memory now: loaded, not in use, not pinned, and it has served, or had its time to. The last is
/// what keeps two models from evicting each other for ever without either being of use.
[[nodiscard]] bool is_evictable(const Resident& resident, const EvictionAsk& ask);

/// Decides which models leave memory: least recently used first, and none whose leaving is not needed. Pure: no clock,
/// no log, no lock. Never names a leased, loading or pinned model. An empty plan with fits == false means "cannot".
[[nodiscard]] EvictionPlan plan_eviction(const EvictionAsk& ask, std::span<const Resident> residents);

}  // namespace hearth::model
