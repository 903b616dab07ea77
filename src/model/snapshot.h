#pragma once

// What the registry publishes for people, probes and pages. Immutable; may be stale by the time it is read: never
// decide a change on it, ask the registry instead.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "model/budget.h"
#include "model/spec.h"
#include "model/state.h"

namespace hearth::model {

/// One model as it was when the snapshot was made.
struct ModelSnapshot {
  ModelName name{};
  std::vector<ModelName> aliases{};
  std::string kind{};
  std::string key{};  // ModelKey::digest()
  LoadMode mode = LoadMode::kOnDemand;
  bool pinned = false;
  State state = State::kAbsent;
  Warmth warmth = Warmth::kCold;
  std::string stage{};  // one word of what a load does now: "queued", "prefetch", "open", "retry"; else empty
  double progress = 0;  // 0 … 1 of the load under way; 1 when loaded
  std::optional<base::Error> cause{};  // of the last failure; cleared by a success
  base::Bytes reserved{};              // what the budget counts for it now; 0 when not in memory
  base::Bytes measured{};              // what it was last measured to take; 0: not measured yet
  int leases = 0;
  int waiting = 0;                            // callers that wait for it
  std::int64_t loads = 0;                     // successful ones
  std::int64_t failures = 0;                  // failed ones, retries not counted
  std::int64_t warm_ups = 0;                  // synthetic inferences that ended well
  std::optional<base::Duration> last_load{};  // from asked to ready
  std::optional<base::Instant> idle_since{};  // nobody holds it since
};

struct RegistrySnapshot {
  std::vector<ModelSnapshot> models{};  // in the order of the configuration
  std::shared_ptr<const std::map<ModelName, std::size_t, std::less<>>>
      names;  // each name and alias, to its index in `models`
  base::Bytes budget{};
  base::Bytes committed{};  // measured or estimated bytes of all that is in memory or on its way there
  int loading = 0;
  int queued = 0;
  int max_loading = 0;                                     // at once; those beyond are `queued`
  std::shared_ptr<const std::map<std::string, int>> caps;  // of each group with one, at once; never null
  std::shared_ptr<const Measures> measures;                // never null; to be kept for the next start

  /// Null where no model has that name.
  [[nodiscard]] const ModelSnapshot* find(std::string_view name) const {
    const auto found = names->find(name);
    return found == names->end() ? nullptr : &models[found->second];
  }
};

}  // namespace hearth::model
