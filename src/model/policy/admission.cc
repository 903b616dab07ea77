#include "model/policy/admission.h"

#include <algorithm>

namespace hearth::model {
namespace {

using base::Bytes;

bool capped(int cap, int count) { return cap > 0 && count >= cap; }

// The soonest moment at which a model that has not served loses its protection.
std::optional<base::Duration> next_end_of_grace(const AdmissionView& view) {
  std::optional<base::Duration> soonest;
  for (const Resident& resident : view.residents) {
    if (!resident.loaded || resident.in_use || resident.pinned || resident.has_served) continue;
    const base::Duration left = std::max(resident.last_used + view.unserved_grace - view.now, base::Duration::zero());
    soonest = soonest ? std::min(*soonest, left) : left;
  }
  return soonest;
}

}  // namespace

Admission decide_admission(const AdmissionView& view) {
  Bytes pinned;
  int group_pinned = 0;
  int group_present = 0;
  for (const Resident& resident : view.residents) {
    const bool of_group = resident.group == view.group;
    group_present += of_group ? 1 : 0;
    if (!resident.pinned) continue;
    pinned += resident.bytes;
    group_pinned += of_group ? 1 : 0;
  }
  if (view.need > view.limit - pinned || capped(view.cap.max_loaded, group_pinned)) return {Verdict::kRefuse, {}, {}};
  if (capped(view.max_loading, view.loading) || capped(view.cap.max_loading, view.group_loading)) {
    return {Verdict::kWaitForSlot, {}, {}};
  }
  const auto group_excess = [&](int present) {
    return view.cap.max_loaded > 0 ? std::max(present + 1 - view.cap.max_loaded, 0) : 0;
  };
  // What the queue ahead was promised is as good as taken.
  const Bytes over_now = view.committed + view.promised - view.limit + view.need;
  const int group_over_now = group_excess(group_present + view.group_promised);
  if (over_now <= Bytes{} && group_over_now == 0) return {Verdict::kAdmit, {}, {}};

  const EvictionAsk ask{.bytes = over_now - view.freeing,
                        .group = view.group,
                        .models = group_excess(group_present + view.group_promised - view.group_unloading),
                        .now = view.now,
                        .unserved_grace = view.unserved_grace};
  if (ask.bytes <= Bytes{} && ask.models == 0) return {Verdict::kWaitForUnload, {}, {}};
  EvictionPlan plan = plan_eviction(ask, view.residents);
  if (plan.fits) return {Verdict::kWaitForUnload, std::move(plan.victims), {}};
  return {Verdict::kWaitForUse, {}, next_end_of_grace(view)};
}

}  // namespace hearth::model
