#include "model/policy/eviction.h"

#include <algorithm>

namespace hearth::model {

bool is_evictable(const Resident& resident, const EvictionAsk& ask) {
  if (!resident.loaded || resident.in_use || resident.pinned) return false;
  return resident.has_served || ask.now - resident.last_used >= ask.unserved_grace;
}

EvictionPlan plan_eviction(const EvictionAsk& ask, std::span<const Resident> residents) {
  std::vector<const Resident*> candidates;
  for (const Resident& resident : residents) {
    if (is_evictable(resident, ask)) candidates.push_back(&resident);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Resident* a, const Resident* b) { return a->last_used < b->last_used; });

  std::vector<const Resident*> chosen;
  base::Bytes freed;
  int left = 0;
  const auto choose = [&](const Resident* victim) {
    chosen.push_back(victim);
    freed += victim->bytes;
    left += victim->group == ask.group ? 1 : 0;
  };
  for (const Resident* candidate : candidates) {
    if (candidate->group == ask.group && left < ask.models) choose(candidate);
  }
  for (const Resident* candidate : candidates) {
    if (freed >= ask.bytes) break;
    if (std::find(chosen.begin(), chosen.end(), candidate) == chosen.end()) choose(candidate);
  }
  EvictionPlan plan;
  if (left < ask.models || freed < ask.bytes) return plan;

  // A large victim chosen late can make earlier small ones needless: spare them, the most recently used first.
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const Resident* a, const Resident* b) { return a->last_used > b->last_used; });
  std::erase_if(chosen, [&](const Resident* victim) {
    const int of_group = victim->group == ask.group ? 1 : 0;
    if (freed - victim->bytes < ask.bytes || left - of_group < ask.models) return false;
    freed -= victim->bytes;
    left -= of_group;
    return true;
  });
  plan.fits = true;
  for (auto victim = chosen.rbegin(); victim != chosen.rend(); ++victim) plan.victims.push_back((*victim)->id);
  return plan;
}

}  // namespace hearth::model
