#pragma once

// Arithmetic on mono f32 PCM in [-1, 1]. Pure: no state, no allocation unless a result needs it.

#include <cstdint>
#include <span>

#include "base/units.h"

namespace hearth::audio {

/// The value a sound card can play: NaN becomes silence, anything beyond ±1 (infinities too) becomes ±1.
[[nodiscard]] constexpr float clean_sample(float value) {
  if (!(value == value)) return 0.0F;
  return value > 1.0F ? 1.0F : value < -1.0F ? -1.0F : value;
}

/// Scaled to 16 bit by 32,767 and rounded to nearest, after clean_sample; so that +1 and -1 stay mirror images.
[[nodiscard]] std::int16_t to_s16(float value);

/// Root of the mean square; 0 for no samples. NaN counts as silence.
[[nodiscard]] float rms(std::span<const float> samples);

}  // namespace hearth::audio
