#include "net/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace hearth::net {
namespace {

constexpr std::uint64_t kInfinite = std::numeric_limits<std::uint64_t>::max();

TEST(Descriptors, TheSoftLimitIsRaisedAsFarAsTheConnectionsNeedIt) {
  EXPECT_EQ(plan_descriptors(1024, 524'288, 512).soft, 1024U) << "it is enough as it is";
  EXPECT_EQ(plan_descriptors(1024, 524'288, 65'536).soft, 65'792U);
  EXPECT_EQ(plan_descriptors(1024, 524'288, 65'536).connections, 65'536U);
  EXPECT_EQ(plan_descriptors(1024, kInfinite, 65'536).soft, 65'792U);
  EXPECT_EQ(plan_descriptors(kInfinite, kInfinite, 65'536).soft, kInfinite);
}

TEST(Descriptors, WhereTheHardLimitIsLowerThereAreFewerConnections) {
  EXPECT_EQ(plan_descriptors(1024, 4096, 65'536).soft, 4096U);
  EXPECT_EQ(plan_descriptors(1024, 4096, 65'536).connections, 3840U);
  EXPECT_EQ(plan_descriptors(64, 64, 512).connections, 32U) << "the rest is left to everything else";
  EXPECT_EQ(plan_descriptors(64, 64, 8).connections, 8U);
  EXPECT_EQ(plan_descriptors(1, 1, 512).connections, 1U);
}

TEST(Descriptors, ThisProcessGetsWhatItNeeds) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{std::min<rlim_t>(before.rlim_cur, 300), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  const std::size_t connections = ensure_descriptors(100);
  rlimit after{};
  ::getrlimit(RLIMIT_NOFILE, &after);
  ::setrlimit(RLIMIT_NOFILE, &before);
  if (before.rlim_max < 356) GTEST_SKIP() << "this machine gives too few";
  EXPECT_EQ(connections, 100U);
  EXPECT_EQ(after.rlim_cur, 356U);
}

}  // namespace
}  // namespace hearth::net
