#include "engines/onnx/kokoro_ops_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace hearth::engines::onnx {
namespace {

std::vector<float> noise(std::size_t count, float spread, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.3F, spread);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

std::vector<SimdLevel> levels_here() {
  std::vector<SimdLevel> levels = {SimdLevel::kPortable};
  for (const SimdLevel level : {SimdLevel::kAvx2, SimdLevel::kAvx512}) {
    if (level <= detect_simd_level()) levels.push_back(level);
  }
  return levels;
}

std::vector<double> normalise_in_double(const std::vector<float>& row, const RowRecipe& recipe) {
  double mean = 0;
  for (const float value : row) mean += value;
  mean /= static_cast<double>(row.size());
  double variance = 0;
  for (const float value : row) variance += (value - mean) * (value - mean);
  variance /= static_cast<double>(row.size());
  std::vector<double> out;
  for (const float value : row) {
    double y = (value - mean) / std::sqrt(variance + 1e-5) * recipe.scale + recipe.shift;
    if (recipe.activation == Activation::kLeakyRelu && y < 0) y *= recipe.slope;
    if (recipe.activation == Activation::kSnake) y += recipe.gain * std::pow(std::sin(recipe.frequency * y), 2);
    out.push_back(y);
  }
  return out;
}

TEST(KokoroRows, NormalisingFollowsItsDefinitionAtEveryLengthAndLevel) {
  for (const SimdLevel level : levels_here()) {
    for (const std::size_t count : {1, 2, 15, 16, 17, 31, 33, 48, 100, 1000}) {
      for (const Activation activation : {Activation::kNone, Activation::kLeakyRelu, Activation::kSnake}) {
        const RowRecipe recipe{1.7F, -0.4F, activation, 0.2F, 2.5F, 0.4F};
        const auto row = noise(count, 2.0F, static_cast<unsigned>(count));
        const auto expected = normalise_in_double(row, recipe);
        std::vector<float> out(count);
        const Extremes extremes = normalise_row(level, row.data(), count, recipe, out.data());
        for (std::size_t i = 0; i < count; ++i) ASSERT_NEAR(out[i], expected[i], 4e-6) << count << " at " << i;
        EXPECT_EQ(extremes.high, std::max(0.0F, *std::ranges::max_element(out)));
        EXPECT_EQ(extremes.low, std::min(0.0F, *std::ranges::min_element(out)));
      }
    }
  }
}

TEST(KokoroRows, ARowMayBeNormalisedInPlace) {
  const RowRecipe recipe{1.0F, 0.1F, Activation::kSnake, 0, 1.0F, 1.0F};
  const auto row = noise(77, 1.0F, 5);
  std::vector<float> apart(row.size()), inside = row;
  normalise_row(detect_simd_level(), row.data(), row.size(), recipe, apart.data());
  normalise_row(detect_simd_level(), inside.data(), inside.size(), recipe, inside.data());
  EXPECT_EQ(apart, inside);
}

TEST(KokoroRows, SnakeIsAccurateFarFromZero) {
  for (const SimdLevel level : levels_here()) {
    std::vector<float> row(64);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>(i);
    const RowRecipe recipe{1.0F, 0.0F, Activation::kSnake, 0, 300.0F, 1.0F};
    const RowRecipe bare{1.0F, 0.0F, Activation::kNone, 0, 0, 0};
    std::vector<float> out(row.size()), angles(row.size());
    normalise_row(level, row.data(), row.size(), recipe, out.data());
    normalise_row(level, row.data(), row.size(), bare, angles.data());
    for (std::size_t i = 0; i < row.size(); ++i) {
      const float angle = angles[i] * 300.0F;  // as the operator rounds it
      ASSERT_NEAR(out[i] - angles[i], std::pow(std::sin(static_cast<double>(angle)), 2), 1e-4);
    }
  }
}

TEST(KokoroRows, ExtremesAlwaysHoldZero) {
  for (const SimdLevel level : levels_here()) {
    const std::vector<float> above(37, 2.0F), below(37, -3.0F);
    EXPECT_EQ(find_extremes(level, above.data(), above.size()).low, 0.0F);
    EXPECT_EQ(find_extremes(level, above.data(), above.size()).high, 2.0F);
    EXPECT_EQ(find_extremes(level, below.data(), below.size()).low, -3.0F);
    EXPECT_EQ(find_extremes(level, below.data(), below.size()).high, 0.0F);
  }
}

}  // namespace
}  // namespace hearth::engines::onnx
