#include "engines/onnx/kokoro_ops_matmul.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace hearth::engines::onnx {
namespace {

struct Product {
  Product(std::int64_t rows_in, std::int64_t depth_in, std::int64_t columns_in)
      : rows(rows_in), depth(depth_in), columns(columns_in) {
    std::mt19937 random(static_cast<unsigned>(rows * 7 + depth * 3 + columns));
    std::uniform_int_distribution<int> byte(0, 255);
    std::normal_distribution<float> normal(-0.1F, 1.0F);
    for (std::int64_t i = 0; i < rows * depth; ++i) x.push_back(normal(random));
    for (std::int64_t i = 0; i < depth * columns; ++i) weights.push_back(static_cast<std::uint8_t>(byte(random)));
    for (std::int64_t n = 0; n < columns; ++n) {
      scales.push_back(0.001F * static_cast<float>(1 + n % 7));
      zeros.push_back(byte(random));
      bias.push_back(normal(random));
      std::int32_t sum = 0;
      for (std::int64_t k = 0; k < depth; ++k) sum += weights[static_cast<std::size_t>(k * columns + n)] - zeros.back();
      sums.push_back(sum);
    }
  }

  [[nodiscard]] std::vector<float> expected() const {
    const float low = std::min(0.0F, *std::ranges::min_element(x)), high = std::max(0.0F, *std::ranges::max_element(x));
    const float scale = (high - low) / 255.0F;
    const auto zero = static_cast<std::int32_t>(std::nearbyint(-low / scale));
    std::vector<float> out;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t n = 0; n < columns; ++n) {
        const auto column = static_cast<std::size_t>(n);
        std::int32_t sum = 0;
        for (std::int64_t k = 0; k < depth; ++k) {
          const auto level =
              static_cast<std::int32_t>(std::nearbyint(x[static_cast<std::size_t>(r * depth + k)] / scale)) + zero;
          sum +=
              (std::clamp(level, 0, 255) - zero) * (weights[static_cast<std::size_t>(k * columns + n)] - zeros[column]);
        }
        volatile float product =
            static_cast<float>(sum) * (scale * scales[column]);  // rounded before the bias is added
        out.push_back(product + bias[column]);
      }
    }
    return out;
  }

  [[nodiscard]] std::vector<float> run(SimdLevel level, int threads) const {
    const std::string panels = pack_matmul_weights(depth, columns, weights);
    const MatMulWeights packed{depth,        columns,     reinterpret_cast<const std::uint8_t*>(panels.data()),
                               zeros.data(), sums.data(), scales.data(),
                               bias.data()};
    std::vector<float> out(static_cast<std::size_t>(rows * columns), NAN);
    run_quant_matmul(level, packed, x.data(), rows, out.data(), threads,
                     [](std::size_t count, const std::function<void(std::size_t)>& body) {
                       for (std::size_t i = 0; i < count; ++i) body(i);
                     });
    return out;
  }

  std::int64_t rows, depth, columns;
  std::vector<float> x, scales, bias;
  std::vector<std::uint8_t> weights;
  std::vector<std::int32_t> zeros, sums;
};

TEST(KokoroMatMul, EveryLevelGivesTheNumbersOfTheNodesItReplaces) {
  for (const auto& [rows, depth, columns] : std::vector<std::array<std::int64_t, 3>>{
           {1, 4, 48}, {1, 1, 1}, {3, 7, 5}, {8, 16, 48}, {9, 33, 97}, {37, 128, 200}}) {
    const Product product(rows, depth, columns);
    const auto expected = product.expected();
    for (const SimdLevel level : {SimdLevel::kPortable, SimdLevel::kAvx2, SimdLevel::kAvx512}) {
      if (level > detect_simd_level()) continue;
      EXPECT_EQ(product.run(level, 2), expected) << rows << " x " << depth << " x " << columns;
    }
  }
}

TEST(KokoroMatMul, TheNumberOfThreadsChangesNothing) {
  const Product product(5, 40, 300);
  for (const int threads : {1, 3, 64}) EXPECT_EQ(product.run(detect_simd_level(), threads), product.expected());
}

}  // namespace
}  // namespace hearth::engines::onnx
