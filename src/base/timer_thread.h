#pragma once

#include <map>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"

namespace hearth::base {

/// Timers on one thread of their own, started by the first call. Calls that are due at destruction do not run. What a
/// call throws is logged, and ends that call alone.
class TimerThread final : public Timers {
 public:
  TimerThread() = default;
  ~TimerThread() override;
  Id call_at(Instant when, std::function<void()> call) override EXCLUDES(mutex_);
  bool cancel(Id id) override EXCLUDES(mutex_);

 private:
  void run();
  Mutex mutex_;
  CondVar wake_;
  std::map<std::pair<Instant, Id>, std::function<void()>> calls_ GUARDED_BY(mutex_);
  Id next_ GUARDED_BY(mutex_) = 1;
  bool closing_ GUARDED_BY(mutex_) = false;
  std::jthread thread_ GUARDED_BY(mutex_);
};

}  // namespace hearth::base
