#pragma once

// Arithmetic on the rows of a tensor [channels, length]: extremes, instance normalisation with a style's affine, and
// the two activations of Kokoro's vocoder. Pure; each row is independent, so callers spread rows over threads. Source:
// adaptive instance normalisation (Huang and Belongie 2017) as in StyleTTS 2; Snake (Ziyin et al. 2020).

#include <cstddef>

#include "engines/onnx/kokoro_ops_simd.h"

namespace hearth::engines::onnx {

struct Extremes {
  float low = 0;  // never above 0, because a quantised range must hold 0
  float high = 0;
  void include(const Extremes& other) {
    low = other.low < low ? other.low : low;
    high = other.high > high ? other.high : high;
  }
};

enum class Activation : int {
  kNone = 0,
  kLeakyRelu = 1,  // x < 0 ? slope × x : x
  kSnake = 2,      // x + gain × sin²(frequency × x)
};

/// What is done to one channel after normalising: scale and shift from the style, then the activation.
struct RowRecipe {
  float scale = 1;
  float shift = 0;
  Activation activation = Activation::kNone;
  float slope = 0;      // of kLeakyRelu
  float frequency = 0;  // of kSnake
  float gain = 0;
};

/// Lowest and highest of `count` values and 0.
[[nodiscard]] Extremes find_extremes(SimdLevel level, const float* row, std::size_t count);

/// out = activation(scale × (row - mean) / sqrt(variance + 1e-5) + shift), variance over the row's own length (biased).
/// `out` may be `row`. Gives the extremes of what it wrote. `count` is at least 1.
Extremes normalise_row(SimdLevel level, const float* row, std::size_t count, const RowRecipe& recipe, float* out);

}  // namespace hearth::engines::onnx
