#include "engines/llama/probe_limits.h"

#include <gtest/gtest.h>

namespace hearth::engines::llama {
namespace {

using base::Bytes;
using base::Millis;

constexpr Bytes kSmall{100LL << 20};
constexpr Bytes kLarge{40LL << 30};  // seventy billion weights of half a byte

TEST(ProbeLimits, ASmallModelHasMinutes) {
  const ProbeLimits limits = probe_limits(kSmall, ProbeSight::kBlind);
  EXPECT_GE(limits.processor, Millis{120'000});
  EXPECT_LE(limits.processor, Millis{180'000});
  EXPECT_LT(limits.address, Bytes{5LL << 30});
}

TEST(ProbeLimits, ALargeModelHasTheTimeOfAChatThatFillsTheContext) {
  // Two operations a weight and token, 256 tokens, ten billion operations a second.
  const Millis needed{2 * 70 * 256 / 10 * 1000};
  const ProbeLimits limits = probe_limits(kLarge, ProbeSight::kBlind);
  EXPECT_GE(limits.processor, needed);
  EXPECT_GE(limits.address, Bytes{2 * kLarge.count});
}

TEST(ProbeLimits, WhoeverWaitsForItIsMorePatientThanItsOwnLimit) {
  for (const ProbeSight sight : {ProbeSight::kBlind, ProbeSight::kSeeing}) {
    for (const Bytes size : {Bytes{0}, kSmall, kLarge}) {
      const ProbeLimits limits = probe_limits(size, sight);
      EXPECT_GE(limits.wall, limits.processor + Millis{1'800'000});
    }
  }
  // From a disk that gives 35 MB/s.
  EXPECT_GE(probe_limits(kLarge, ProbeSight::kBlind).wall - probe_limits(kLarge, ProbeSight::kBlind).processor,
            Millis{1000 * (kLarge.count / 35'000'000)});
}

TEST(ProbeLimits, EyesTakeLonger) {
  EXPECT_GT(probe_limits(kSmall, ProbeSight::kSeeing).processor, probe_limits(kSmall, ProbeSight::kBlind).processor);
  EXPECT_GT(probe_limits(kSmall, ProbeSight::kSeeing).address, probe_limits(kSmall, ProbeSight::kBlind).address);
}

}  // namespace
}  // namespace hearth::engines::llama
