#include "audio/samples.h"

#include <cmath>

namespace hearth::audio {
std::int16_t to_s16(float value) { return static_cast<std::int16_t>(std::lrintf(clean_sample(value) * 32767.0F)); }

float rms(std::span<const float> samples) {
  if (samples.empty()) return 0.0F;
  double sum = 0.0;
  for (const float value : samples) {
    if (value == value) sum += static_cast<double>(value) * value;
  }
  return static_cast<float>(std::sqrt(sum / static_cast<double>(samples.size())));
}

}  // namespace hearth::audio
