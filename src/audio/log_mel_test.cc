#include "audio/log_mel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

namespace hearth::audio {
namespace {

/// One second that sweeps through all bands.
std::vector<float> sweep() {
  std::vector<float> out(16'000);
  for (std::size_t n = 0; n < out.size(); ++n) {
    const double t = static_cast<double>(n);
    out[n] = static_cast<float>(0.5 * std::sin(2.0 * std::numbers::pi * (100.0 + 0.2 * t) * t / 16'000.0));
  }
  return out;
}

// Values of the reference implementation (the feature extractor of the Python package pipecat-ai 1.14.0) on the same
// sweep.
TEST(LogMel, EqualsTheReference) {
  const LogMel mel;
  const std::vector<float> levels = mel.compute(sweep());
  ASSERT_EQ(levels.size(), LogMel::kBands * 100);
  const auto level = [&](std::size_t band, std::size_t frame) { return levels[band * 100 + frame]; };
  EXPECT_NEAR(level(0, 0), 1.336455, 1e-4);
  EXPECT_NEAR(level(5, 3), 1.209542, 1e-4);
  EXPECT_NEAR(level(20, 20), -0.538812, 1e-4);
  EXPECT_NEAR(level(40, 50), -0.579273, 1e-4);
  EXPECT_NEAR(level(79, 99), 0.178242, 1e-4);
  EXPECT_NEAR(level(30, 99), -0.337833, 1e-4);
}

TEST(LogMel, FiltersEqualTheReference) {
  const std::vector<float> filters = mel_filters(LogMel::kBands);
  ASSERT_EQ(filters.size(), LogMel::kBands * LogMel::kBins);
  EXPECT_NEAR(filters[1], 0.02486259, 1e-7);
  EXPECT_NEAR(filters[79 * LogMel::kBins + 199], 0.00044876, 1e-7);
  EXPECT_NEAR(std::accumulate(filters.begin(), filters.end(), 0.0), 1.9990241, 1e-5);
}

TEST(LogMel, SilenceIsTheFloor) {
  const LogMel mel;
  for (const float level : mel.compute(std::vector<float>(1'600))) EXPECT_FLOAT_EQ(level, -1.5F);
}

TEST(LogMel, LessThanOneWindowIsNothing) {
  const LogMel mel;
  EXPECT_TRUE(mel.compute({}).empty());
  EXPECT_TRUE(mel.compute(std::vector<float>(LogMel::kWindow - 1)).empty());
  EXPECT_EQ(mel.compute(std::vector<float>(LogMel::kWindow)).size(), LogMel::kBands * 2);
}

}  // namespace
}  // namespace hearth::audio
