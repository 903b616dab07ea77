#include "audio/samples.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hearth::audio {
namespace {

std::size_t ramp_length(std::size_t available, base::SampleRate rate, base::Millis over) {
  const double wanted = static_cast<double>(over.count()) * rate.hz / 1000.0;
  if (wanted <= 0) return 0;
  return wanted >= static_cast<double>(available) ? available : static_cast<std::size_t>(wanted);
}

/// Rises from 0 towards 1 over n steps.
float ramp(std::size_t step, std::size_t n) {
  const double phase = std::numbers::pi * static_cast<double>(step) / static_cast<double>(n);
  return static_cast<float>(0.5 - 0.5 * std::cos(phase));
}

}  // namespace

std::int16_t to_s16(float value) { return static_cast<std::int16_t>(std::lrintf(clean_sample(value) * 32767.0F)); }

float peak(std::span<const float> samples) {
  float largest = 0.0F;
  for (const float value : samples) {
    const float magnitude = std::fabs(value);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

float rms(std::span<const float> samples) {
  if (samples.empty()) return 0.0F;
  double sum = 0.0;
  for (const float value : samples) {
    if (value == value) sum += static_cast<double>(value) * value;
  }
  return static_cast<float>(std::sqrt(sum / static_cast<double>(samples.size())));
}

void fade_in(std::span<float> samples, base::SampleRate rate, base::Millis over) {
  const std::size_t n = ramp_length(samples.size(), rate, over);
  for (std::size_t i = 0; i < n; ++i) samples[i] *= ramp(i, n);
}

void fade_out(std::span<float> samples, base::SampleRate rate, base::Millis over) {
  const std::size_t n = ramp_length(samples.size(), rate, over);
  for (std::size_t i = 0; i < n; ++i) samples[samples.size() - 1 - i] *= ramp(i, n);
}

}  // namespace hearth::audio
