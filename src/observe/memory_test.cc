#include "observe/memory.h"

#include <gtest/gtest.h>

namespace hearth::observe {
namespace {

using namespace base::literals;

TEST(Memory, ReadsTheRollupByItsKeys) {
  const MemoryUse use = parse_smaps_rollup(
      "55de6f49a000-7fff1c9b3000 ---p 00000000 00:00 0    [rollup]\nRss:                1736 kB\nPss:                 "
      "237 kB\n"
      "Pss_Anon:            112 kB\nPrivate_Clean:        40 kB\nPrivate_Dirty:       112 kB\nAnonymous:           100 "
      "kB\n"
      "Swap:                  8 kB\nSwapPss:               4 kB\n");
  EXPECT_EQ(use.resident, 1736_KiB);
  EXPECT_EQ(use.proportional, 237_KiB);
  EXPECT_EQ(use.private_bytes, 152_KiB);
  EXPECT_EQ(use.anonymous, 100_KiB);
  EXPECT_EQ(use.swapped, 8_KiB);
}

TEST(Memory, DamagedTextGivesZeros) {
  for (const char* text : {"", "Rss:", "Rss: x kB", "Rss: -5 kB", "Rss: 99999999999999999999 kB", "xRss: 5 kB"}) {
    EXPECT_EQ(parse_smaps_rollup(text).resident, 0_B) << text;
  }
  for (const char* text : {"", "12", "12 ", "12 x", "12 -1 3"}) EXPECT_EQ(parse_statm(text, 4_KiB), 0_B) << text;
  EXPECT_EQ(parse_statm("3000 25 10 1 0 5 0\n", 4_KiB), 100_KiB);
}

TEST(Memory, MeasuresThisProcess) {
  const MemoryUse use = measure_memory();
  EXPECT_GT(use.resident, 100_KiB);
  EXPECT_GT(resident_memory(), 100_KiB);
  EXPECT_GE(return_memory_to_system(), 0_B);
}

}  // namespace
}  // namespace hearth::observe
