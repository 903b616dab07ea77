#include "base/timer_thread.h"

#include <algorithm>

#include "base/thread_pool.h"

namespace hearth::base {

TimerThread::~TimerThread() {
  std::jthread thread;
  {
    MutexLock lock(mutex_);
    closing_ = true;
    thread = std::move(thread_);
  }
  wake_.notify_all();
}

Timers::Id TimerThread::call_at(Instant when, std::function<void()> call) {
  MutexLock lock(mutex_);
  const Id id = next_++;
  calls_.emplace(std::pair{when, id}, std::move(call));
  if (!thread_.joinable() && !closing_) thread_ = std::jthread([this] { run(); });
  wake_.notify_all();
  return id;
}

bool TimerThread::cancel(Id id) {
  std::function<void()> dropped;  // destroyed outside the lock
  MutexLock lock(mutex_);
  const auto found =
      std::find_if(calls_.begin(), calls_.end(), [&](const auto& entry) { return entry.first.second == id; });
  if (found == calls_.end()) return false;
  dropped = std::move(found->second);
  calls_.erase(found);
  return true;
}

void TimerThread::run() {
  name_this_thread("hearth-timer");
  for (;;) {
    std::function<void()> call;
    {
      MutexLock lock(mutex_);
      for (;;) {
        if (closing_) return;
        if (calls_.empty()) {
          wake_.wait(mutex_);
        } else if (const Instant due = calls_.begin()->first.first; due <= std::chrono::steady_clock::now()) {
          break;
        } else {
          wake_.wait_until(mutex_, due);
        }
      }
      call = std::move(calls_.begin()->second);
      calls_.erase(calls_.begin());
    }
    run_guarded("hearth-timer", call);
  }
}

}  // namespace hearth::base
