#include "engines/whisper/state_pool.h"

namespace hearth::engines::whisper {

using base::Code;
using base::fail;
using base::Result;

Result<StatePool::Loan> StatePool::borrow(const std::stop_token& stop) {
  StatePointer state;
  {
    const std::stop_callback wake(stop, [this] {
      base::MutexLock lock(mutex_);
      returned_.notify_all();
    });
    base::MutexLock lock(mutex_);
    while (free_.empty() && lent_ >= most_ && !stop.stop_requested()) returned_.wait(mutex_);
    if (stop.stop_requested()) return fail(Code::kCancelled, "stopped while waiting for another transcription to end");
    ++lent_;
    if (!free_.empty()) {
      state = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (state) return Loan(*this, std::move(state));
  auto made = make_();
  if (made) return Loan(*this, std::move(*made));
  give_back(nullptr);
  return fail(made.error());
}

void StatePool::give_back(StatePointer state) {
  base::MutexLock lock(mutex_);
  --lent_;
  if (state) free_.push_back(std::move(state));
  returned_.notify_one();
}

}  // namespace hearth::engines::whisper
