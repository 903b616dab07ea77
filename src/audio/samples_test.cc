#include "audio/samples.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace hearth::audio {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(Samples, SixteenBitsAreSymmetricalAndClipped) {
  EXPECT_EQ(to_s16(0.0F), 0);
  EXPECT_EQ(to_s16(1.0F), 32767);
  EXPECT_EQ(to_s16(-1.0F), -32767);
  EXPECT_EQ(to_s16(1.5F), 32767);
  EXPECT_EQ(to_s16(-kInf), -32767);
  EXPECT_EQ(to_s16(kNan), 0);
  EXPECT_EQ(to_s16(0.5F / 32767.0F + 1e-6F), 1);
}

TEST(Samples, TheLevelOfNothingIsNothing) { EXPECT_EQ(rms({}), 0.0F); }

TEST(Samples, TheLevelTakesNanForSilence) {
  const std::vector<float> sound{0.5F, -0.75F, kNan, 0.0F};
  EXPECT_FLOAT_EQ(rms(sound), std::sqrt((0.25F + 0.5625F) / 4.0F));
}

}  // namespace
}  // namespace hearth::audio
