#include "engines/onnx/smart_turn.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace hearth::engines::onnx {
namespace {

TEST(NormaliseTurn, PutsSilenceInFrontOfAShortTurn) {
  std::vector<float> turn(1'000, 0.25F);
  turn.back() = -0.25F;
  const std::vector<float> out = normalise_turn(turn);
  ASSERT_EQ(out.size(), kTurnSamples);
  EXPECT_FLOAT_EQ(out[0], out[kTurnSamples - 1'001]);
  EXPECT_GT(out[kTurnSamples - 1'000], out[0]);
  EXPECT_LT(out.back(), out[0]);
}

TEST(NormaliseTurn, KeepsTheEndOfALongTurn) {
  std::vector<float> turn(kTurnSamples + 100, 1.0F);
  turn.front() = 1e6F;  // must not be heard
  turn.back() = -1.0F;
  const std::vector<float> out = normalise_turn(turn);
  ASSERT_EQ(out.size(), kTurnSamples);
  EXPECT_LT(out.back(), out.front());
  EXPECT_LT(std::abs(out.front()), 1.0F);
}

TEST(NormaliseTurn, HasZeroMeanAndUnitVariance) {
  std::vector<float> turn(20'000);
  for (std::size_t i = 0; i < turn.size(); ++i) turn[i] = 0.1F + 0.3F * std::sin(static_cast<float>(i) * 0.05F);
  const std::vector<float> out = normalise_turn(turn);
  const double mean = std::accumulate(out.begin(), out.end(), 0.0) / static_cast<double>(out.size());
  const double power = std::inner_product(out.begin(), out.end(), out.begin(), 0.0) / static_cast<double>(out.size());
  EXPECT_NEAR(mean, 0.0, 1e-5);
  EXPECT_NEAR(power, 1.0, 1e-4);
}

TEST(NormaliseTurn, NothingIsSilence) {
  for (const float sample : normalise_turn({})) EXPECT_EQ(sample, 0.0F);
}

}  // namespace
}  // namespace hearth::engines::onnx
