#include "observe/memory.h"

#include <gtest/gtest.h>

namespace hearth::observe {
namespace {

using namespace base::literals;

TEST(Memory, DamagedTextGivesZeros) {
  for (const char* text : {"", "12", "12 ", "12 x", "12 -1 3"}) EXPECT_EQ(parse_statm(text, 4_KiB), 0_B) << text;
  EXPECT_EQ(parse_statm("3000 25 10 1 0 5 0\n", 4_KiB), 100_KiB);
}

TEST(Memory, MeasuresThisProcess) {
  EXPECT_GT(resident_memory(), 100_KiB);
  EXPECT_GE(return_memory_to_system(), 0_B);
}

}  // namespace
}  // namespace hearth::observe
