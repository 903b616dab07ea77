#include "model/policy/load_caps.h"

#include <gtest/gtest.h>

namespace hearth::model {
namespace {

using base::Bytes;
using base::operator""_MiB;
using base::operator""_GiB;

struct Case {
  const char* what;
  int cores;
  Bytes free;
  std::vector<Bytes> language, media;
  int language_cap, media_cap, at_once;
};

TEST(LoadCaps, AreWhatTheModelsTheCoresAndTheMemoryAllow) {
  const std::vector<Bytes> three(3, 200_MiB), four(4, 100_MiB), huge(3, 6_GiB);
  const Case cases[] = {
      {"a large machine: the project's own caps", 16, 64_GiB, three, four, 3, 2, 5},
      {"two cores: two at once, of either kind", 2, 14_GiB, three, four, 2, 2, 2},
      {"one core: one reads while the other computes", 1, 14_GiB, three, four, 2, 2, 2},
      {"three cores", 3, 14_GiB, three, four, 3, 2, 3},
      {"one language model only", 16, 64_GiB, {200_MiB}, four, 1, 2, 3},
      {"no language model at all", 16, 64_GiB, {}, four, 1, 2, 2},
      {"nothing to load", 8, 64_GiB, {}, {}, 1, 1, 1},
      {"three of 6 GiB in 14: two at once", 16, 14_GiB, huge, four, 2, 2, 2},
      {"three of 6 GiB in 7: one by one", 16, 7_GiB, huge, four, 1, 1, 1},
      {"not even one fits: it may try, the budget will say", 16, 1_GiB, huge, four, 1, 1, 1},
      {"many small ones fit a small machine", 4, 512_MiB, {}, four, 1, 2, 2},
      {"two small ones fit, three do not", 4, 250_MiB, {100_MiB}, four, 1, 2, 2},
  };
  for (const Case& c : cases) {
    const CapGroup groups[] = {{3, c.language}, {2, c.media}};
    const LoadCaps caps = plan_load_caps(c.cores, c.free, groups);
    ASSERT_EQ(caps.groups.size(), 2U) << c.what;
    EXPECT_EQ(caps.groups[0], c.language_cap) << c.what;
    EXPECT_EQ(caps.groups[1], c.media_cap) << c.what;
    EXPECT_EQ(caps.at_once, c.at_once) << c.what;
  }
}

TEST(LoadCaps, WhatLoadsTogetherFitsInMemoryWheneverOneDoes) {
  for (int cores = 1; cores <= 16; ++cores) {
    for (std::int64_t free = 1; free <= 40; ++free) {
      const CapGroup groups[] = {{3, {Bytes{9}, Bytes{7}, Bytes{5}, Bytes{1}}}, {2, {Bytes{4}, Bytes{4}, Bytes{2}}}};
      const LoadCaps caps = plan_load_caps(cores, Bytes{free}, groups);
      // The largest sums of two, three, four and five that the groups' caps of 3 and 2 admit.
      const std::int64_t worst[] = {0, 9, 16, 21, 25, 29};
      ASSERT_TRUE(caps.at_once == 1 || worst[caps.at_once] <= free) << cores << " cores, " << free << " free";
      ASSERT_GE(caps.groups[0], 1);
      ASSERT_GE(caps.groups[1], 1);
    }
  }
}

}  // namespace
}  // namespace hearth::model
