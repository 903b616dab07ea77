#pragma once

#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"

namespace hearth::testing {

/// Time that moves only when a test says so; timers that are due run inside advance(), on the test's thread, in order.
class FakeClock final : public base::Clock, public base::Timers {
 public:
  [[nodiscard]] base::Instant now() const override {
    base::MutexLock lock(mutex_);
    return now_;
  }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point{std::chrono::hours{24 * 365 * 50}} +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(now().time_since_epoch());
  }
  Id call_at(base::Instant when, std::function<void()> call) override {
    base::MutexLock lock(mutex_);
    const Id id = next_++;
    calls_.emplace(std::pair{when, id}, std::move(call));
    return id;
  }
  bool cancel(Id id) override {
    base::MutexLock lock(mutex_);
    for (auto it = calls_.begin(); it != calls_.end(); ++it) {
      if (it->first.second == id) return calls_.erase(it), true;
    }
    return false;
  }
  void advance(base::Duration by) {
    base::Instant end;
    {
      base::MutexLock lock(mutex_);
      end = now_ + by;
    }
    for (;;) {
      std::function<void()> call;
      {
        base::MutexLock lock(mutex_);
        if (calls_.empty() || calls_.begin()->first.first > end) {
          now_ = end;
          return;
        }
        if (calls_.begin()->first.first > now_) now_ = calls_.begin()->first.first;
        call = std::move(calls_.begin()->second);
        calls_.erase(calls_.begin());
      }
      call();
    }
  }
  [[nodiscard]] std::size_t pending() const {
    base::MutexLock lock(mutex_);
    return calls_.size();
  }

 private:
  mutable base::Mutex mutex_;
  base::Instant now_ GUARDED_BY(mutex_){std::chrono::hours{1}};
  std::map<std::pair<base::Instant, Id>, std::function<void()>> calls_ GUARDED_BY(mutex_);
  Id next_ GUARDED_BY(mutex_) = 1;
};

}  // namespace hearth::testing
