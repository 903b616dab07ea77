#include "engines/onnx/kokoro_ops_spectrum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <random>
#include <vector>

namespace hearth::engines::onnx {
namespace {

void one_by_one(std::size_t count, const std::function<void(std::size_t)>& body) {
  for (std::size_t i = 0; i < count; ++i) body(i);
}

std::vector<float> noise(std::size_t count) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal(0.0F, 0.3F);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

std::vector<float> run(SimdLevel level, std::span<const float> signal, std::span<const float> window,
                       std::int64_t step) {
  const SpectrumPlan plan(window.size());
  const auto frames =
      count_spectrum_frames(static_cast<std::int64_t>(signal.size()), static_cast<std::int64_t>(window.size()), step);
  std::vector<float> out(2 * plan.bins() * static_cast<std::size_t>(frames), NAN);
  plan.run(level, signal, window, step, out.data(), one_by_one);
  return out;
}

TEST(KokoroSpectrum, ItIsTheFourierTransformOfEachFrame) {
  for (const std::size_t size : {20, 16, 7}) {
    const auto signal = noise(400), window = noise(size);
    const std::size_t bins = size / 2 + 1, frames = (signal.size() - size) / 5 + 1;
    const auto out = run(detect_simd_level(), signal, window, 5);
    for (std::size_t frame = 0; frame < frames; ++frame) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        std::complex<double> sum = 0;
        for (std::size_t n = 0; n < size; ++n) {
          const double angle = -2 * std::numbers::pi * static_cast<double>(bin * n) / static_cast<double>(size);
          sum += std::polar(static_cast<double>(signal[5 * frame + n]) * window[n], angle);
        }
        const float magnitude = out[bin * frames + frame], phase = out[(bins + bin) * frames + frame];
        EXPECT_NEAR(magnitude, std::abs(sum), 2e-6);
        EXPECT_NEAR(std::abs(std::polar<double>(magnitude, phase) - sum), 0, 4e-6) << "size " << size << " bin " << bin;
      }
    }
  }
}

TEST(KokoroSpectrum, EveryLevelGivesTheSameBits) {
  auto signal = noise(333);
  for (std::size_t i = 100; i < 200; ++i) signal[i] = -0.0294F;  // nothing but rounding noise in most bins
  const auto window = noise(20);
  const auto portable = run(SimdLevel::kPortable, signal, window, 5);
  for (const SimdLevel level : {SimdLevel::kAvx2, SimdLevel::kAvx512}) {
    if (level > detect_simd_level()) continue;
    EXPECT_EQ(run(level, signal, window, 5), portable);
  }
}

TEST(KokoroSpectrum, OnlyWholeFramesCount) {
  EXPECT_EQ(count_spectrum_frames(19, 20, 5), 0);
  EXPECT_EQ(count_spectrum_frames(20, 20, 5), 1);
  EXPECT_EQ(count_spectrum_frames(24, 20, 5), 1);
  EXPECT_EQ(count_spectrum_frames(25, 20, 5), 2);
}

}  // namespace
}  // namespace hearth::engines::onnx
