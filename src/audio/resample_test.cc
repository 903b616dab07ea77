#include "audio/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "audio/samples.h"

namespace hearth::audio {
namespace {

std::vector<float> tone(double hertz, base::SampleRate rate, std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    samples[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / rate.hz));
  }
  return samples;
}

std::vector<float> resample(std::span<const float> samples, base::SampleRate from, base::SampleRate to,
                            std::size_t block) {
  auto resampler = Resampler::make(from, to);
  EXPECT_TRUE(resampler);
  std::vector<float> out;
  while (!samples.empty()) {
    const std::size_t n = std::min(block, samples.size());
    EXPECT_TRUE((*resampler)->append(samples.first(n), out));
    samples = samples.subspan(n);
  }
  EXPECT_TRUE((*resampler)->finish(out));
  return out;
}

TEST(Resampler, KeepsLengthAndToneAtEveryRate) {
  constexpr base::SampleRate kTo{16'000};
  for (const int hz : {8'000, 11'025, 16'000, 22'050, 24'000, 44'100, 48'000, 96'000, 192'000}) {
    const base::SampleRate from{hz};
    const auto out = resample(tone(440, from, static_cast<std::size_t>(hz)), from, kTo, 777);
    ASSERT_NEAR(static_cast<double>(out.size()), 16'000, 1) << hz;
    const auto wanted = tone(440, kTo, out.size());
    double worst = 0;
    for (std::size_t i = 800; i + 800 < out.size(); ++i) worst = std::max(worst, std::fabs(double{out[i]} - wanted[i]));
    EXPECT_LT(worst, 1e-3) << hz;
  }
}

TEST(Resampler, LeavesNothingOfWhatTheNewRateCannotCarry) {
  constexpr base::SampleRate kFrom{48'000};
  const auto out = resample(tone(12'000, kFrom, 48'000), kFrom, {16'000}, 4096);
  EXPECT_LT(rms(std::span(out).subspan(800, out.size() - 1600)), 1e-5F);
}

TEST(Resampler, GivesTheSameWhateverTheBlocks) {
  constexpr base::SampleRate kFrom{44'100};
  const auto samples = tone(1'000, kFrom, 30'000);
  EXPECT_EQ(resample(samples, kFrom, {16'000}, 30'000), resample(samples, kFrom, {16'000}, 1));
}

TEST(Resampler, NoSamplesGiveNone) { EXPECT_TRUE(resample({}, {44'100}, {16'000}, 1).empty()); }

TEST(Resampler, WithoutItsLibraryOnlyEqualRatesPass) {
  const auto missing = Resampler::make({44'100}, {16'000}, "libnothing.so.7");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Code::kUnsupported);
  EXPECT_NE(missing.error().remedy.find("libsoxr0"), std::string::npos);
  EXPECT_TRUE(Resampler::make({16'000}, {16'000}, "libnothing.so.7"));
  EXPECT_FALSE(Resampler::make({0}, {16'000}));
}

}  // namespace
}  // namespace hearth::audio
