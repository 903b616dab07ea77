#pragma once

// Time as a dependency: what decides by time takes a Clock, so that a test can hold it still (testing/fake_clock.h).

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/units.h"

namespace hearth::base {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Monotonic; never goes back, also when the machine's date is set. Any thread.
  [[nodiscard]] virtual Instant now() const = 0;
  /// The date, for people and file times only. Any thread.
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall() const = 0;
};

class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return std::chrono::system_clock::now(); }
};

/// Calls back at an instant. The real one is TimerThread (timer_thread.h), the one for tests FakeClock.
class Timers {
 public:
  using Id = std::uint64_t;
  virtual ~Timers() = default;
  /// `call` runs once, on the timer's own thread: it must be short (post to a strand). Any thread.
  virtual Id call_at(Instant when, std::function<void()> call) = 0;
  /// True if the call will not run any more. False: it has run, or runs now. Any thread.
  virtual bool cancel(Id id) = 0;
};

}  // namespace hearth::base
