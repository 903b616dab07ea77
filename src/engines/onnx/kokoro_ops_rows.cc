#include "engines/onnx/kokoro_ops_rows.h"

#include <cmath>

namespace hearth::engines::onnx {
namespace {

using lanes::Floats;

constexpr float kEpsilon = 1e-5F;

HEARTH_LANES_INLINE float sum_lanes(const Floats& values) {
  // In halves, like the vector adds before it: the error stays that of a pairwise sum.
  float partial[kLanes];
  lanes::store(values, partial);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) partial[i] += partial[i + width];
  }
  return partial[0];
}

HEARTH_LANES_INLINE Extremes fold(const Floats& lows, const Floats& highs) {
  Extremes extremes;
  for (int i = 0; i < kLanes; ++i) extremes.include({lows[i], highs[i]});
  return extremes;
}

HEARTH_LANES_INLINE void widen(const Floats& value, Floats& lows, Floats& highs) {
  lows = value < lows ? value : lows;
  highs = value > highs ? value : highs;
}

/// The last, shorter vector of a row; lanes past the end hold `filler`.
HEARTH_LANES_INLINE void load_tail(const float* row, std::size_t count, float filler, Floats& to) {
  float padded[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) padded[i] = i < count ? row[i] : filler;
  lanes::load(padded, to);
}

HEARTH_LANES_INLINE void store_tail(const Floats& from, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[static_cast<int>(i)];
}

/// sin², whose period is π: the reduced angle lies in [-π/2, π/2] and no quadrant is needed. π in three parts, each
/// exact when multiplied by a small integer. Absolute error below 3e-7 for |angle| up to 10^4.
HEARTH_LANES_INLINE void square_of_sine(Floats& angle) {
  Floats turns = angle * 0.318309886F;
  lanes::round_to_nearest(turns);
  Floats r = angle - turns * 3.140625F;
  r = r - turns * 9.67502593994140625e-4F;
  r = r - turns * 1.509957990978376432e-7F;
  lanes::clamp(-1.6F, 1.6F, r);  // beyond the reach of the reduction the angle's own rounding is larger than a turn
  const Floats s = r * r;
  Floats p = s * -2.50521084e-8F + 2.75573192e-6F;
  p = p * s + -1.98412698e-4F;
  p = p * s + 8.33333333e-3F;
  p = p * s + -1.66666667e-1F;
  const Floats sine = r + r * s * p;
  angle = sine * sine;
}

template <Activation kActivation>
HEARTH_LANES_INLINE void apply(const RowRecipe& recipe, float mean, float scale, Floats& value) {
  value = (value - mean) * scale + recipe.shift;
  if constexpr (kActivation == Activation::kLeakyRelu) {
    const Floats lesser = value * recipe.slope;
    value = value < 0.0F ? lesser : value;
  } else if constexpr (kActivation == Activation::kSnake) {
    Floats angle = value * recipe.frequency;
    square_of_sine(angle);
    value = value + angle * recipe.gain;
  }
}

template <Activation kActivation>
HEARTH_LANES_INLINE Extremes transform(const float* row, std::size_t count, const RowRecipe& recipe, float mean,
                                       float scale, float* out) {
  Floats lows{}, highs{}, value;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    lanes::load(row + i, value);
    apply<kActivation>(recipe, mean, scale, value);
    widen(value, lows, highs);
    lanes::store(value, out + i);
  }
  Extremes extremes = fold(lows, highs);
  if (i < count) {
    load_tail(row + i, count - i, row[i], value);
    apply<kActivation>(recipe, mean, scale, value);
    store_tail(value, count - i, out + i);
    for (std::size_t j = i; j < count; ++j) extremes.include({out[j], out[j]});
  }
  return extremes;
}

HEARTH_LANES_INLINE Extremes normalise(const float* row, std::size_t count, const RowRecipe& recipe, float* out) {
  Floats sum{}, other{}, value;
  std::size_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
    lanes::load(row + i, value);
    sum += value;
    lanes::load(row + i + kLanes, value);
    other += value;
  }
  for (; i < count; i += kLanes) {
    load_tail(row + i, count - i, 0.0F, value);
    sum += value;
  }
  const float mean = sum_lanes(sum + other) / static_cast<float>(count);

  sum = Floats{};
  other = Floats{};
  for (i = 0; i + 2 * kLanes <= count; i += 2 * kLanes) {
    lanes::load(row + i, value);
    value -= mean;
    sum += value * value;
    lanes::load(row + i + kLanes, value);
    value -= mean;
    other += value * value;
  }
  for (; i < count; i += kLanes) {
    load_tail(row + i, count - i, mean, value);
    value -= mean;
    sum += value * value;
  }
  const float variance = sum_lanes(sum + other) / static_cast<float>(count);
  const float scale = recipe.scale / std::sqrt(variance + kEpsilon);
  switch (recipe.activation) {
    case Activation::kLeakyRelu:
      return transform<Activation::kLeakyRelu>(row, count, recipe, mean, scale, out);
    case Activation::kSnake:
      return transform<Activation::kSnake>(row, count, recipe, mean, scale, out);
    case Activation::kNone:
      break;
  }
  return transform<Activation::kNone>(row, count, recipe, mean, scale, out);
}

HEARTH_LANES_INLINE Extremes extremes_of(const float* row, std::size_t count) {
  Floats lows{}, highs{}, value;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    lanes::load(row + i, value);
    widen(value, lows, highs);
  }
  Extremes extremes = fold(lows, highs);
  for (; i < count; ++i) extremes.include({row[i], row[i]});
  return extremes;
}

#if defined(__x86_64__)
HEARTH_TARGET_AVX2 Extremes extremes_avx2(const float* row, std::size_t count) { return extremes_of(row, count); }
HEARTH_TARGET_AVX512 Extremes extremes_avx512(const float* row, std::size_t count) { return extremes_of(row, count); }
HEARTH_TARGET_AVX2 Extremes normalise_avx2(const float* row, std::size_t count, const RowRecipe& recipe, float* out) {
  return normalise(row, count, recipe, out);
}
HEARTH_TARGET_AVX512 Extremes normalise_avx512(const float* row, std::size_t count, const RowRecipe& recipe,
                                               float* out) {
  return normalise(row, count, recipe, out);
}
#endif

}  // namespace

SimdLevel detect_simd_level() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni")) {
    return SimdLevel::kAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return SimdLevel::kAvx2;
#endif
  return SimdLevel::kPortable;
}

Extremes find_extremes(SimdLevel level, const float* row, std::size_t count) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return extremes_avx512(row, count);
  if (level == SimdLevel::kAvx2) return extremes_avx2(row, count);
#endif
  static_cast<void>(level);
  return extremes_of(row, count);
}

Extremes normalise_row(SimdLevel level, const float* row, std::size_t count, const RowRecipe& recipe, float* out) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return normalise_avx512(row, count, recipe, out);
  if (level == SimdLevel::kAvx2) return normalise_avx2(row, count, recipe, out);
#endif
  static_cast<void>(level);
  return normalise(row, count, recipe, out);
}

}  // namespace hearth::engines::onnx
