#include "observe/process_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "observe/memory.h"

namespace hearth::observe {
namespace {

constexpr const char* kStat =
    "42 (a (b) c) S 1 42 42 0 -1 4194304 500 0 3 0 150 50 0 0 20 0 7 0 12345 104857600 2560 18446744073709551615 1 1 0 "
    "0 0 0\n";

TEST(ProcessMetrics, ReadsProcStatWhateverTheProgramIsCalled) {
  const ProcessStats stats = parse_process_stats(kStat, "cpu 1 2 3\nbtime 1700000000\nprocesses 9\n", 100, 4096);
  EXPECT_EQ(stats.cpu_seconds, 2);
  EXPECT_EQ(stats.threads, 7);
  EXPECT_EQ(stats.virtual_bytes, 104857600);
  EXPECT_EQ(stats.resident_bytes, 2560 * 4096);
  EXPECT_DOUBLE_EQ(stats.start_time_seconds, 1700000123.45);
}

TEST(ProcessMetrics, DamagedTextGivesZeros) {
  for (const char* stat : {"", "42 (x", "42 (x)", "42 (x) S", "42 (x) S 1 a b c d e f"}) {
    const ProcessStats stats = parse_process_stats(stat, "btime x", 100, 4096);
    EXPECT_EQ(stats.cpu_seconds, 0) << stat;
    EXPECT_EQ(stats.start_time_seconds, 0) << stat;
  }
}

TEST(ProcessMetrics, AreInEveryRendering) {
  Metrics metrics;
  add_process_metrics(metrics);
  (void)metrics.render();
  const std::string text = metrics.render();
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
                           "process_threads", "process_open_fds", "process_max_fds", "process_start_time_seconds"}) {
    EXPECT_THAT(text, ::testing::HasSubstr(std::string("\n") + name + " "));
  }
  const ProcessStats stats = measure_process();
  EXPECT_GE(stats.open_fds, 3);
  EXPECT_GE(stats.threads, 1);
  EXPECT_GT(stats.start_time_seconds, 1.6e9);
}

}  // namespace
}  // namespace hearth::observe
