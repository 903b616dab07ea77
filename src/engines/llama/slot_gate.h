#pragma once

// Who may use a language model now: requests wait here, in the order in which they came, for slots (sequences that are
// decoded side by side) and for cells of the KV cache that all slots share. llama.cpp has a queue of its own, but a
// request that waits in it is noticed to be cancelled late, one that is cancelled at the wrong moment leaves another
// waiting beside a free slot, and when the shared cells run out it fails all requests at once. So nothing is given to
// it that it cannot start at once. Threads: any.

#include <cstdint>
#include <list>
#include <stop_token>

#include "base/mutex.h"
#include "base/result.h"

namespace hearth::engines::llama {

class SlotGate {
 public:
  /// What a request will use at most.
  struct Need {
    int slots = 1;
    int cells = 0;
  };

  /// One request's share, given back at destruction. Movable.
  class Pass {
   public:
    Pass(Pass&& other) noexcept : gate_(other.gate_), need_(other.need_) { other.gate_ = nullptr; }
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->leave(need_);
    }

   private:
    friend class SlotGate;
    Pass(SlotGate& gate, Need need) : gate_(&gate), need_(need) {}
    SlotGate* gate_;
    const Need need_;
  };

  SlotGate(int slots, int cells) : slots_(slots), cells_(cells), free_{slots, cells} {}
  SlotGate(const SlotGate&) = delete;
  SlotGate& operator=(const SlotGate&) = delete;

  /// Waits until `need` is free and nobody waits who came before; more than there is means all. Strictly first come,
  /// first served: a large need is not overtaken for ever by small ones. kCancelled as soon as `stop` is requested.
  [[nodiscard]] base::Result<Pass> enter(Need need, const std::stop_token& stop) EXCLUDES(mutex_);
  [[nodiscard]] int waiting() const EXCLUDES(mutex_);

 private:
  void leave(Need need) EXCLUDES(mutex_);

  const int slots_;
  const int cells_;
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  Need free_ GUARDED_BY(mutex_);
  std::uint64_t next_ticket_ GUARDED_BY(mutex_) = 0;
  std::list<std::uint64_t> line_ GUARDED_BY(mutex_);  // tickets of those who wait, the longest first
};

}  // namespace hearth::engines::llama
