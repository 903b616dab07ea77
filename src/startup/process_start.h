#pragma once

// When was exec? The kernel does not tell directly: /proc/self/stat gives the instant of *fork*, in ticks of 10 ms, and
// exec by a shell script keeps it. But until main the one thread of a process either runs, waits for a core, or waits
// for the disk. The first is its CPU clock (nanoseconds), the second the run delay in /proc/self/schedstat
// (nanoseconds), and the third leaves major page faults. So where no page came from the disk, exec → main is the sum of
// the first two, good to a fraction of a millisecond (it counts what the parent's child did between fork and exec);
// where pages did, the tick is used.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/units.h"

namespace hearth::startup {

enum class StartAccuracy {
  kScheduled,  // CPU time and run delay: within 0.3 ms
  kTick,       // the kernel's start tick: within 10 ms
  kUnknown,    // neither could be read: exec is taken to be main
};
[[nodiscard]] constexpr const char* accuracy_name(StartAccuracy accuracy) {
  return accuracy == StartAccuracy::kScheduled ? "scheduled" : accuracy == StartAccuracy::kTick ? "tick" : "unknown";
}

struct ProcessStart {
  base::Instant exec, main;
  StartAccuracy accuracy = StartAccuracy::kUnknown;
};

/// What measure_process_start() reads, for the pure part.
struct StartReadings {
  base::Instant main;           // monotonic, the first thing main does
  base::Duration since_boot{};  // CLOCK_BOOTTIME at the same moment
  base::Duration cpu{};         // of the main thread
  std::string_view stat;        // /proc/self/stat; empty where it cannot be read
  std::string_view schedstat;   // /proc/self/schedstat
  std::int64_t ticks_per_second = 100;
};

/// PURE. Damaged readings give a lesser accuracy, never a start after main.
[[nodiscard]] ProcessStart estimate_process_start(const StartReadings& readings);

/// To be called once, first in main, before any thread is started. Takes some 30 µs.
[[nodiscard]] ProcessStart measure_process_start();

}  // namespace hearth::startup
