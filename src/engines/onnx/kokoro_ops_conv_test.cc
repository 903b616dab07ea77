#include "engines/onnx/kokoro_ops_conv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace hearth::engines::onnx {
namespace {

struct Case {
  ConvShape shape;
  std::int64_t length;
  std::int32_t weight_zero;  // of the model's uint8 weights
};

struct Problem {
  explicit Problem(const Case& from) : shape(from.shape), length(from.length), weight_zero(from.weight_zero) {
    std::mt19937 random(static_cast<unsigned>(length * 31 + shape.channels));
    std::uniform_int_distribution<int> byte(0, 255);
    std::normal_distribution<float> normal(0.2F, 1.5F);
    weights.resize(static_cast<std::size_t>(shape.outputs * shape.channels * shape.taps));
    for (std::uint8_t& weight : weights) weight = static_cast<std::uint8_t>(byte(random));
    x.resize(static_cast<std::size_t>(shape.channels * length));
    for (float& value : x) value = normal(random);
    bias.resize(static_cast<std::size_t>(shape.outputs));
    for (float& value : bias) value = normal(random);
    residual.resize(static_cast<std::size_t>(shape.outputs * shape.output_length(length)));
    for (float& value : residual) value = normal(random);
    for (std::int64_t m = 0; m < shape.outputs; ++m) {
      std::int32_t sum = 0;
      for (std::int64_t i = 0; i < shape.channels * shape.taps; ++i) {
        sum += weights[static_cast<std::size_t>(m * shape.channels * shape.taps + i)] - weight_zero;
      }
      sums.push_back(sum);
    }
    for (const float value : x) extremes.include({value, value});
  }

  /// What the ONNX nodes say, one number at a time.
  [[nodiscard]] std::vector<float> expected(bool with_residual, float divisor) const {
    const float range = extremes.high - extremes.low;
    const float x_scale = range / 255.0F;
    const auto x_zero = static_cast<std::int32_t>(std::nearbyint(-extremes.low / x_scale));
    const float scale = x_scale * 0.003F;
    std::vector<float> out;
    for (std::int64_t m = 0; m < shape.outputs; ++m) {
      for (std::int64_t t = 0; t < shape.output_length(length); ++t) {
        std::int32_t sum = 0;
        for (std::int64_t c = 0; c < shape.channels; ++c) {
          for (std::int64_t k = 0; k < shape.taps; ++k) {
            const std::int64_t at = t * shape.stride + k * shape.dilation - shape.pad_begin;
            if (at < 0 || at >= length) continue;
            const float level = std::nearbyint(x[static_cast<std::size_t>(c * length + at)] / x_scale);
            const auto quantised = static_cast<std::int32_t>(level) + x_zero;
            sum += (std::clamp(quantised, 0, 255) - x_zero) *
                   (weights[static_cast<std::size_t>((m * shape.channels + c) * shape.taps + k)] - weight_zero);
          }
        }
        sum += static_cast<std::int32_t>(std::floor(bias[static_cast<std::size_t>(m)] / scale));
        float value = static_cast<float>(sum) * scale;
        if (with_residual) value += residual[out.size()];
        out.push_back(value / divisor);
      }
    }
    return out;
  }

  [[nodiscard]] std::vector<float> run(SimdLevel level, bool with_residual, float divisor, int threads) const {
    const std::string packed = pack_conv_weights(shape, weights);
    const ConvWeights packed_weights{shape,       reinterpret_cast<const std::int8_t*>(packed.data()),
                                     sums.data(), weight_zero - 128,
                                     0.003F,      bias.data()};
    std::vector<float> out(residual.size(), NAN);
    run_quant_conv(level, packed_weights, x.data(), length, extremes, with_residual ? residual.data() : nullptr,
                   divisor, out.data(), threads, [](std::size_t count, const std::function<void(std::size_t)>& body) {
                     for (std::size_t i = count; i-- > 0;) body(i);
                   });
    return out;
  }

  ConvShape shape;
  std::int64_t length;
  std::int32_t weight_zero;
  std::vector<std::uint8_t> weights;
  std::vector<float> x, bias, residual;
  std::vector<std::int32_t> sums;
  Extremes extremes;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {{{4, 8, 1, 1, 1, 0, 0}, 16, 128},     {{3, 5, 3, 1, 1, 1, 1}, 1, 0},
                                           {{7, 9, 3, 1, 1, 1, 1}, 50, 77},      {{16, 24, 7, 1, 3, 9, 9}, 333, 63},
                                           {{8, 22, 11, 1, 5, 25, 25}, 49, 255}, {{1, 1, 3, 2, 1, 1, 1}, 40, 38},
                                           {{22, 16, 12, 6, 1, 3, 3}, 300, 70},  {{130, 64, 5, 1, 1, 2, 2}, 17, 90},
                                           {{12, 40, 1, 1, 1, 0, 0}, 481, 12},   {{64, 72, 3, 1, 1, 1, 1}, 245, 128}};
  return kCases;
}

TEST(KokoroConv, EveryLevelGivesTheIntegersOfTheNodesItReplaces) {
  for (const Case& each : cases()) {
    const Problem problem(each);
    const auto expected = problem.expected(false, 1.0F);
    for (const SimdLevel level : {SimdLevel::kPortable, SimdLevel::kAvx2, SimdLevel::kAvx512}) {
      if (level > detect_simd_level()) continue;
      EXPECT_EQ(problem.run(level, false, 1.0F, 2), expected)
          << "level " << static_cast<int>(level) << " length " << each.length;
    }
  }
}

TEST(KokoroConv, AResidualIsAddedAndTheSumDivided) {
  const Problem problem(cases()[3]);
  EXPECT_EQ(problem.run(detect_simd_level(), true, 1.4142135F, 2), problem.expected(true, 1.4142135F));
}

TEST(KokoroConv, TheNumberOfThreadsChangesNothing) {
  const Problem problem(cases()[9]);
  const auto one = problem.run(detect_simd_level(), false, 1.0F, 1);
  for (const int threads : {2, 3, 8, 64}) EXPECT_EQ(problem.run(detect_simd_level(), false, 1.0F, threads), one);
}

TEST(KokoroConv, SilenceStaysSilent) {
  Problem problem(cases()[2]);
  std::ranges::fill(problem.x, 0.0F);
  std::ranges::fill(problem.bias, 0.0F);
  problem.extremes = {};
  for (const float value : problem.run(detect_simd_level(), false, 1.0F, 2)) EXPECT_EQ(value, 0.0F);
}

TEST(KokoroConv, QuantisationCoversTheRangeAndHoldsZeroExactly) {
  const Quantisation chosen = choose_quantisation({-1.0F, 3.0F});
  EXPECT_FLOAT_EQ(chosen.scale, 4.0F / 255.0F);
  EXPECT_EQ(chosen.zero, 64);
  EXPECT_EQ(choose_quantisation({0.0F, 0.0F}).scale, 1.0F);
  EXPECT_EQ(choose_quantisation({-5.0F, 0.0F}).zero, 255);
}

}  // namespace
}  // namespace hearth::engines::onnx
