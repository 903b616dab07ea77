#include "audio/samples.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace hearth::audio {
namespace {

using base::Millis;
using base::SampleRate;

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

TEST(Samples, LevelsOfNothingAreNothing) {
  EXPECT_EQ(peak({}), 0.0F);
  EXPECT_EQ(rms({}), 0.0F);
}

TEST(Samples, LevelsTakeNanForSilence) {
  const std::vector<float> sound{0.5F, -0.75F, kNan, 0.0F};
  EXPECT_FLOAT_EQ(peak(sound), 0.75F);
  EXPECT_FLOAT_EQ(rms(sound), std::sqrt((0.25F + 0.5625F) / 4.0F));
}

TEST(Samples, FadesStartAndEndAtSilenceAndLeaveTheRestAlone) {
  std::vector<float> sound(1000, 1.0F);
  fade_in(sound, SampleRate{24'000}, Millis{10});
  fade_out(sound, SampleRate{24'000}, Millis{10});
  EXPECT_EQ(sound.front(), 0.0F);
  EXPECT_EQ(sound.back(), 0.0F);
  EXPECT_EQ(sound[240], 1.0F);
  EXPECT_EQ(sound[759], 1.0F);
  EXPECT_NEAR(sound[120], 0.5F, 1e-6F);
  for (std::size_t i = 1; i < 240; ++i) EXPECT_GT(sound[i], sound[i - 1]);
}

TEST(Samples, AFadeLongerThanTheSoundRampsOverAllOfIt) {
  std::vector<float> sound(10, 1.0F);
  fade_in(sound, SampleRate{24'000}, Millis::max());
  EXPECT_EQ(sound.front(), 0.0F);
  EXPECT_LT(sound.back(), 1.0F);
  fade_out({}, SampleRate{24'000}, Millis{10});
  fade_in(sound, SampleRate{24'000}, Millis{-5});
}

}  // namespace
}  // namespace hearth::audio
