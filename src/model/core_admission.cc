#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "model/core.h"

namespace hearth::model {

using base::Bytes;
using base::Code;
using Phase = LoadUnderWay::Phase;

std::vector<Resident> Core::residents() const {
  std::vector<Resident> out;
  for (const auto& record : records_) {
    const bool in_memory = is_loaded(record->state()) || record->state() == State::kUnloading ||
                           (record->state() == State::kLoading && record->load.phase == Phase::kRunning);
    if (in_memory) out.push_back(record->resident(budget_.reserved(record->spec().key), is_warming(*record)));
  }
  return out;
}

AdmissionView Core::view_for(const Record& record, const std::vector<Resident>& residents) const {
  AdmissionView view{.need = budget_.need(record.spec().key, record.spec().file_bytes),
                     .limit = budget_.limit(),
                     .committed = budget_.committed(),
                     .freeing = {},
                     .promised = {},
                     .group = record.group(),
                     .cap = record.cap(),
                     .loading = loading_,
                     .max_loading = options_.max_loading,
                     .now = parts_.clock.now(),
                     .unserved_grace = options_.unserved_grace,
                     .residents = residents};
  for (const Resident& resident : residents) {
    const Record& other = *records_[resident.id];
    const bool of_group = other.group() == record.group();
    if (other.state() == State::kLoading && of_group) ++view.group_loading;
    if (other.state() != State::kUnloading) continue;
    view.freeing += resident.bytes;
    view.group_unloading += of_group ? 1 : 0;
  }
  return view;
}

// Walks the queue from its head and begins what may begin. A load that waits for somebody to stop using a model does
// not hold back those behind it that fit now: whatever they take can be evicted for it later. What is being unloaded
// for it, though, is promised to it.
void Core::pump() {
  if (closing_) return;
  evict_what_is_over();
  std::stable_sort(queue_.begin(), queue_.end(), [](const Record* a, const Record* b) {
    return std::pair{a->spec().mode, a->load.turn} < std::pair{b->spec().mode, b->load.turn};
  });
  Bytes promised;
  std::map<int, int> group_promised;
  std::optional<base::Duration> ask_again;
  for (std::size_t at = 0; at < queue_.size();) {
    Record& record = *queue_[at];
    const std::vector<Resident> present = residents();
    AdmissionView view = view_for(record, present);
    view.promised = promised;
    view.group_promised = group_promised[record.group()];
    const Admission admission = decide_admission(view);
    const auto place = queue_.begin() + static_cast<std::ptrdiff_t>(at);
    switch (admission.verdict) {
      case Verdict::kAdmit:
        queue_.erase(place);
        start_load(record);
        continue;
      case Verdict::kRefuse:
        queue_.erase(place);
        fail(record,
             {Code::kExhausted,
              fmt::format(
                  "{} needs {:.0f} MiB, and the memory budget of {:.0f} MiB or its group's cap has no room for it "
                  "beside what is pinned",
                  record.spec().name, view.need.mib(), view.limit.mib()),
              "raise memory.limit, or pin fewer models"},
             {});
        continue;
      case Verdict::kWaitForUnload:
        for (const std::size_t victim : admission.evict) begin_unload(*records_[victim], UnloadReason::kEvicted);
        promised += view.need;
        ++group_promised[record.group()];
        break;
      case Verdict::kWaitForUse:
        if (admission.ask_again)
          ask_again = ask_again ? std::min(*ask_again, *admission.ask_again) : admission.ask_again;
        break;
      case Verdict::kWaitForSlot:
        break;
    }
    ++at;
  }
  if (!ask_again) return;
  const base::Instant when = parts_.clock.now() + *ask_again;
  if (pump_at_ && *pump_at_ <= when) return;
  pump_at_ = when;
  call_at(when, [when](Core& self) {
    self.assert_on_strand();
    if (self.pump_at_ == when) self.pump_at_.reset();
    self.pump();
  });
}

// A model may turn out larger than its estimate; then what nobody uses makes up for it.
void Core::evict_what_is_over() {
  Bytes over = budget_.committed() - budget_.limit();
  if (over <= Bytes{}) return;
  const std::vector<Resident> present = residents();
  for (const Resident& resident : present) {
    if (records_[resident.id]->state() == State::kUnloading) over -= resident.bytes;
  }
  if (over <= Bytes{}) return;
  const EvictionPlan plan =
      plan_eviction({.bytes = over, .now = parts_.clock.now(), .unserved_grace = options_.unserved_grace}, present);
  for (const std::size_t victim : plan.victims) begin_unload(*records_[victim], UnloadReason::kEvicted);
}

}  // namespace hearth::model
