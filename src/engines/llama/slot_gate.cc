#include "engines/llama/slot_gate.h"

#include <algorithm>

namespace hearth::engines::llama {

base::Result<SlotGate::Pass> SlotGate::enter(Need need, const std::stop_token& stop) {
  need = {std::clamp(need.slots, 1, slots_), std::clamp(need.cells, 0, cells_)};
  // The lock makes a waiter see the request either before it sleeps or by being woken.
  const std::stop_callback wake(stop, [this] {
    base::MutexLock lock(mutex_);
    changed_.notify_all();
  });
  base::MutexLock lock(mutex_);
  const auto place = line_.insert(line_.end(), next_ticket_++);
  while (!stop.stop_requested() && (line_.begin() != place || free_.slots < need.slots || free_.cells < need.cells))
    changed_.wait(mutex_);
  line_.erase(place);
  changed_.notify_all();  // whoever is first now looks again
  if (stop.stop_requested()) return base::fail(base::Code::kCancelled, "the request was cancelled while it waited");
  free_.slots -= need.slots;
  free_.cells -= need.cells;
  return Pass(*this, need);
}

int SlotGate::waiting() const {
  base::MutexLock lock(mutex_);
  return static_cast<int>(line_.size());
}

void SlotGate::leave(Need need) {
  base::MutexLock lock(mutex_);
  free_.slots += need.slots;
  free_.cells += need.cells;
  changed_.notify_all();
}

}  // namespace hearth::engines::llama
