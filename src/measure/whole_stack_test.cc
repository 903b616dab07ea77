#include "measure/whole_stack.h"

#include <gmock/gmock.h>

namespace hearth::measure {
namespace {

using base::operator""_MiB;
using testing::HasSubstr;

Start start_of(double listening, double ready, double cpu_ms = 0) {
  Start start{Cache::kWarm, {{"listening", listening}, {"ready", ready}}};
  start.at_ready = {cpu_ms, cpu_ms > 0 ? 1_MiB : base::Bytes{}, 1_MiB};
  return start;
}

TEST(WallRule, TakesTheLargestOfItsThreeBounds) {
  EXPECT_DOUBLE_EQ((WallRule{0, 1000, 100, 100, 2}.allowed()), 600);
  EXPECT_DOUBLE_EQ((WallRule{0, 100, 100, 2000, 2}.allowed()), 1150);
  EXPECT_DOUBLE_EQ((WallRule{0, 100, 2000, 100, 2}.allowed()), 2300);
  EXPECT_TRUE((WallRule{600, 1000, 100, 100, 2}.is_kept()));
  EXPECT_FALSE((WallRule{601, 1000, 100, 100, 2}.is_kept()));
}

TEST(WallRule, IsMadeOfMediansFromListeningToReady) {
  const std::vector<Start> whole = {start_of(5, 305, 400), start_of(5, 205, 300), start_of(5, 9005, 900)};
  const std::map<std::string, std::vector<Start>> singles = {{"a", {start_of(5, 105)}}, {"b", {start_of(10, 260)}}};
  const auto rule = judge_wall(whole, singles, 2);
  ASSERT_TRUE(rule);
  EXPECT_DOUBLE_EQ(rule->whole, 300);
  EXPECT_DOUBLE_EQ(rule->sum_of_singles, 350);
  EXPECT_DOUBLE_EQ(rule->slowest_single, 250);
  EXPECT_DOUBLE_EQ(rule->cpu_ms, 400);
  EXPECT_THAT(line(*rule), HasSubstr("NOT KEPT"));
}

TEST(WallRule, WithoutAStartOfEachThereIsNone) {
  EXPECT_FALSE(judge_wall({}, {{"a", {start_of(5, 105)}}}, 2));
  EXPECT_FALSE(judge_wall({start_of(5, 105)}, {}, 2));
  EXPECT_FALSE(judge_wall({start_of(5, 105)}, {{"a", {}}}, 2));
}

TEST(MemoryRule, IsTheWorstOfTheWarmStarts) {
  Start good = start_of(5, 100), bad = start_of(5, 100), cold = start_of(5, 100);
  good.at_ready = {0, 100_MiB, 110_MiB};
  bad.at_ready = {0, 100_MiB, 130_MiB};
  bad.at_end = {0, 140_MiB, 140_MiB};
  cold.at_ready = {0, 100_MiB, 400_MiB};
  cold.cache = Cache::kCold;
  const auto rule = judge_memory({good, bad, cold});
  ASSERT_TRUE(rule);
  EXPECT_DOUBLE_EQ(rule->ratio(), 1.3);
  EXPECT_FALSE(rule->is_kept());
  EXPECT_THAT(line(*rule), HasSubstr("130 MiB at most while loading, 100 when ready: 1.30 times"));
  EXPECT_TRUE(judge_memory({good})->is_kept());
  EXPECT_FALSE(judge_memory({start_of(5, 100)})) << "a peer's start has no figures";
}

TEST(Usage, IsReadFromWhatTheKernelTells) {
  const Usage usage = parse_usage("Name:\thearth\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n",
                                  "42 (a) S 1 42 42 0 -1 4194560 100 0 0 0 11 22 33 44 20 0", 100);
  EXPECT_EQ(usage.peak, 2_MiB);
  EXPECT_EQ(usage.resident, 1_MiB);
  EXPECT_DOUBLE_EQ(usage.cpu_ms, 1100);
  EXPECT_EQ(parse_usage("", "", 100).peak, base::Bytes{});
}

}  // namespace
}  // namespace hearth::measure
