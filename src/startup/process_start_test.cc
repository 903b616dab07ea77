#include "startup/process_start.h"

#include <gtest/gtest.h>

namespace hearth::startup {
namespace {

using base::Instant;
using base::Micros;
using base::Millis;

constexpr const char* kWarm =
    "7 (he) ar) R 1 7 7 0 -1 0 90 0 0 0 0 0 0 0 20 0 1 0 1000 1 1 1 1\n";  // started at tick 1000, no major fault
constexpr const char* kCold =
    "7 (hearth) R 1 7 7 0 -1 0 90 0 5 0 0 0 0 0 20 0 1 0 1000 1 1 1 1\n";  // five pages from the disk

StartReadings readings(const char* stat, base::Duration since_tick) {
  StartReadings it;
  it.main = Instant{std::chrono::hours{5}};
  it.since_boot = std::chrono::seconds{10} + since_tick;
  it.cpu = Micros{1500};
  it.stat = stat;
  it.schedstat = "1200000 400000 3\n";
  return it;
}

TEST(ProcessStart, AWarmStartIsCpuTimeAndRunDelay) {
  const ProcessStart start = estimate_process_start(readings(kWarm, Millis{9}));
  EXPECT_EQ(start.accuracy, StartAccuracy::kScheduled);
  EXPECT_EQ(start.main - start.exec, Micros{1900});
}

TEST(ProcessStart, IsNeverBeforeFork) {
  const ProcessStart start = estimate_process_start(readings(kWarm, Millis{1}));
  EXPECT_EQ(start.main - start.exec, Millis{1});
}

TEST(ProcessStart, AScriptThatExecsUsLaterDoesNotCount) {
  const ProcessStart start = estimate_process_start(readings(kWarm, Millis{3000}));
  EXPECT_EQ(start.main - start.exec, Micros{1900}) << "it slept three seconds before exec";
}

TEST(ProcessStart, AColdStartTakesTheTickLessHalfOfOne) {
  const ProcessStart start = estimate_process_start(readings(kCold, Millis{158}));
  EXPECT_EQ(start.accuracy, StartAccuracy::kTick);
  EXPECT_EQ(start.main - start.exec, Millis{153});
}

TEST(ProcessStart, IsAtLeastTheCpuTime) {
  const ProcessStart start = estimate_process_start(readings(kCold, Millis{2}));
  EXPECT_EQ(start.main - start.exec, Micros{1500});
}

TEST(ProcessStart, DamageGivesMainNeverAFuture) {
  for (const char* stat :
       {"", "7 (hearth", "7 (hearth)", "7 (hearth) R 1 2", "7 (hearth) R x x x x x x x x x x x x x x x x x x x x",
        "7 (hearth) R 1 7 7 0 -1 0 90 0 0 0 0 0 0 0 20 0 1 0 9223372036854775807 1"}) {
    StartReadings it = readings(stat, Millis{5});
    it.schedstat = "";
    const ProcessStart start = estimate_process_start(it);
    EXPECT_LE(start.exec, start.main) << stat;
    EXPECT_EQ(start.accuracy, StartAccuracy::kUnknown) << stat;
  }
}

TEST(ProcessStart, WithoutRunDelayTheTickIsUsed) {
  StartReadings it = readings(kWarm, Millis{8});
  it.schedstat = "garbage";
  EXPECT_EQ(estimate_process_start(it).accuracy, StartAccuracy::kTick);
}

TEST(ProcessStart, MeasuresThisProcess) {
  const ProcessStart start = measure_process_start();
  EXPECT_LE(start.exec, start.main);
#if defined(__linux__)
  EXPECT_NE(start.accuracy, StartAccuracy::kUnknown);
#endif
}

}  // namespace
}  // namespace hearth::startup
