#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace hearth::engines::whisper {

/// IEEE 754 binary16 as f32: exact.
[[nodiscard]] inline float widen_half(std::uint16_t half) {
  const int exponent = half >> 10 & 0x1F;
  const int fraction = half & 0x3FF;
  float size = 0;
  if (exponent == 0x1F) {
    size = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  } else {
    size = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                         : std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
  }
  return (half & 0x8000) != 0 ? -size : size;
}

}  // namespace hearth::engines::whisper
