#include "engines/onnx/kokoro_ops_lstm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engines/onnx/kokoro_ops_gates.h"

namespace hearth::engines::onnx {
namespace {

std::vector<SimdLevel> levels_here() {
  std::vector<SimdLevel> levels = {SimdLevel::kPortable};
  for (const SimdLevel level : {SimdLevel::kAvx2, SimdLevel::kAvx512}) {
    if (level <= detect_simd_level()) levels.push_back(level);
  }
  return levels;
}

TEST(KokoroGates, LogisticAndTangentAreAccurateEverywhere) {
  std::vector<float> angles;
  for (int i = -300; i <= 300; ++i) angles.push_back(0.1F * static_cast<float>(i));
  for (const SimdLevel level : levels_here()) {
    std::vector<float> logistic = angles, tangent = angles;
    apply_logistic(level, logistic.data(), logistic.size());
    apply_tanh(level, tangent.data(), tangent.size());
    for (std::size_t i = 0; i < angles.size(); ++i) {
      EXPECT_NEAR(logistic[i], 1 / (1 + std::exp(-static_cast<double>(angles[i]))), 3e-7);
      EXPECT_NEAR(tangent[i], std::tanh(static_cast<double>(angles[i])), 3e-7);
      EXPECT_TRUE(logistic[i] >= 0 && logistic[i] <= 1);
    }
  }
}

/// A cell whose recurrent weights are all zero is told by its inputs alone.
struct Cell {
  static constexpr std::int64_t kHidden = 5, kWidth = 4 * kHidden;
  std::string panels = pack_matmul_weights(kHidden, kWidth, std::vector<std::uint8_t>(kHidden* kWidth, 128));
  std::vector<std::int32_t> zeros = std::vector<std::int32_t>(kWidth, 128), sums = std::vector<std::int32_t>(kWidth, 0);
  std::vector<float> scales = std::vector<float>(kWidth, 0.01F), bias = std::vector<float>(kWidth, 0.25F);
  [[nodiscard]] MatMulWeights weights() const {
    return {kHidden,       kWidth,     reinterpret_cast<const std::uint8_t*>(panels.data()), zeros.data(), sums.data(),
            scales.data(), bias.data()};
  }
};

TEST(KokoroLstm, StepsFollowTheGatesInBothDirections) {
  const Cell cell;
  constexpr std::int64_t kSteps = 4;
  std::vector<float> gates(kSteps * Cell::kWidth);
  for (std::size_t i = 0; i < gates.size(); ++i) gates[i] = std::sin(static_cast<float>(i));
  for (const SimdLevel level : levels_here()) {
    for (const bool backward : {false, true}) {
      std::vector<float> out(kSteps * Cell::kHidden, NAN);
      run_quant_lstm(level, {cell.weights(), backward}, kSteps, gates.data(), Cell::kWidth, out.data(), Cell::kHidden);
      for (std::int64_t unit = 0; unit < Cell::kHidden; ++unit) {
        double state = 0;
        for (std::int64_t step = 0; step < kSteps; ++step) {
          const std::int64_t t = backward ? kSteps - 1 - step : step;
          const auto gate = [&](std::int64_t index) {
            return static_cast<double>(
                       gates[static_cast<std::size_t>(t * Cell::kWidth + index * Cell::kHidden + unit)]) +
                   0.25;
          };
          const auto logistic = [](double x) { return 1 / (1 + std::exp(-x)); };
          state = state * logistic(gate(2)) + logistic(gate(0)) * std::tanh(gate(3));
          EXPECT_NEAR(out[static_cast<std::size_t>(t * Cell::kHidden + unit)], logistic(gate(1)) * std::tanh(state),
                      2e-6);
        }
      }
    }
  }
}

}  // namespace
}  // namespace hearth::engines::onnx
