#include "engines/onnx/kokoro_ops_spectrum.h"

#include <algorithm>
#include <cmath>

HEARTH_ROUND_EACH_STEP

namespace hearth::engines::onnx {
namespace {

using lanes::Floats;

constexpr float kPi = 3.14159265F;
constexpr std::int64_t kFramesPerTask = 256;

/// Sixteen complex numbers.
struct Complexes {
  Floats real, imaginary;
};

HEARTH_LANES_INLINE void multiply(const Complexes& a, float real, float imaginary, Complexes& out) {
  const Floats re = a.real * real - a.imaginary * imaginary;
  const Floats im = a.real * imaginary + a.imaginary * real;
  out.real = re;
  out.imaginary = im;
}

std::size_t reverse_bits(std::size_t value, std::size_t size) {
  std::size_t reversed = 0;
  for (std::size_t bit = 1; bit < size; bit <<= 1) {
    reversed = reversed << 1 | (value & 1);
    value >>= 1;
  }
  return reversed;
}

/// Decimation in time over `size` values that are in bit-reversed order already. Both twiddles of a butterfly are
/// multiplied out, as in the original: the second is not the exact negative of the first.
HEARTH_LANES_INLINE void transform(Complexes* values, std::size_t size, const float* turns) {
  for (std::size_t span = 2; span <= size; span <<= 1) {
    const std::size_t half = span / 2, stride = size / span;
    for (std::size_t k = 0; k < half; ++k) {
      const float* near = turns + 2 * (k * stride);
      const float* far = turns + 2 * ((half + k) * stride);
      for (std::size_t j = k; j < size; j += span) {
        Complexes first, second;
        multiply(values[j + half], near[0], near[1], first);
        multiply(values[j + half], far[0], far[1], second);
        values[j + half].real = values[j].real + second.real;
        values[j + half].imaginary = values[j].imaginary + second.imaginary;
        values[j].real = values[j].real + first.real;
        values[j].imaginary = values[j].imaginary + first.imaginary;
      }
    }
  }
}

struct Tables {
  std::size_t size, padded;
  const float* turns;
  const float* chirp;
  const float* chirp_fft;
};

/// Sixteen frames: framed[n] are their windowed samples, spectrum gets size / 2 + 1 bins. `work` has 2 × padded places.
HEARTH_LANES_INLINE void transform_frames(const Tables& tables, const Complexes* framed, Complexes* work,
                                          Complexes* spectrum) {
  const std::size_t padded = tables.padded;
  Complexes* next = work + padded;
  for (std::size_t i = 0; i < padded; ++i) {
    const std::size_t n = reverse_bits(i, padded);
    work[i] = Complexes{};
    if (n >= tables.size) continue;
    work[i].real = framed[n].real * tables.chirp[2 * n];
    work[i].imaginary = framed[n].real * tables.chirp[2 * n + 1];
  }
  transform(work, padded, tables.turns);
  for (std::size_t i = 0; i < padded; ++i) {
    const std::size_t n = reverse_bits(i, padded);
    multiply(work[n], tables.chirp_fft[2 * n], tables.chirp_fft[2 * n + 1], next[i]);
  }
  transform(next, padded, tables.turns);  // forward again: what comes out is the inverse, reversed
  const auto count = static_cast<float>(padded);
  for (std::size_t bin = 0; bin <= tables.size / 2; ++bin) {
    Complexes value = next[bin == 0 ? 0 : padded - bin];
    value.real = value.real / count;
    value.imaginary = value.imaginary / count;
    multiply(value, tables.chirp[2 * bin], tables.chirp[2 * bin + 1], spectrum[bin]);
  }
}

using TransformFrames = void (*)(const Tables&, const Complexes*, Complexes*, Complexes*);
void transform_frames_portable(const Tables& tables, const Complexes* framed, Complexes* work, Complexes* spectrum) {
  transform_frames(tables, framed, work, spectrum);
}
#if defined(__x86_64__)
HEARTH_TARGET_AVX2 void transform_frames_avx2(const Tables& tables, const Complexes* framed, Complexes* work,
                                              Complexes* spectrum) {
  transform_frames(tables, framed, work, spectrum);
}
HEARTH_TARGET_AVX512 void transform_frames_avx512(const Tables& tables, const Complexes* framed, Complexes* work,
                                                  Complexes* spectrum) {
  transform_frames(tables, framed, work, spectrum);
}
#endif

TransformFrames find_transform(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return transform_frames_avx512;
  if (level == SimdLevel::kAvx2) return transform_frames_avx2;
#endif
  static_cast<void>(level);
  return transform_frames_portable;
}

void append_turn(float angle, std::vector<float>& to) {
  to.push_back(std::cos(angle));
  to.push_back(std::sin(angle));
}

}  // namespace

std::int64_t count_spectrum_frames(std::int64_t samples, std::int64_t window, std::int64_t step) {
  return samples < window ? 0 : (samples - window) / step + 1;
}

SpectrumPlan::SpectrumPlan(std::size_t size) : size_(size), padded_(1) {
  while (padded_ < 2 * size - 1) padded_ *= 2;
  const float velocity = -1.0F * (2 * kPi) / static_cast<float>(padded_);
  for (std::size_t n = 0; n < padded_; ++n) append_turn(static_cast<float>(n) * velocity, turns_);
  for (std::size_t n = 0; n < size; ++n) {
    const auto index = static_cast<float>(n);
    append_turn(-1.0F * kPi * index * index / static_cast<float>(size), chirp_);
  }
  // The conjugate chirp, at both ends of the padded span.
  std::vector<Complexes> values(padded_);
  for (std::size_t i = 0; i < padded_; ++i) {
    std::size_t n = reverse_bits(i, padded_);
    if (n >= padded_ - size + 1) n = padded_ - n;
    if (n >= size) continue;
    lanes::fill(chirp_[2 * n], values[i].real);
    lanes::fill(-chirp_[2 * n + 1], values[i].imaginary);
  }
  transform(values.data(), padded_, turns_.data());
  for (const Complexes& value : values) {
    chirp_fft_.push_back(value.real[0]);
    chirp_fft_.push_back(value.imaginary[0]);
  }
}

void SpectrumPlan::run(SimdLevel level, std::span<const float> signal, std::span<const float> window, std::int64_t step,
                       float* out, const ParallelFor& parallel_for) const {
  const std::int64_t frames =
      count_spectrum_frames(static_cast<std::int64_t>(signal.size()), static_cast<std::int64_t>(size_), step);
  const Tables tables{size_, padded_, turns_.data(), chirp_.data(), chirp_fft_.data()};
  const TransformFrames transform_some = find_transform(level);
  parallel_for(static_cast<std::size_t>((frames + kFramesPerTask - 1) / kFramesPerTask), [&](std::size_t task) {
    std::vector<Complexes> framed(size_);  // the imaginary part stays 0
    std::vector<Complexes> work(2 * padded_), spectrum(bins());
    const std::int64_t first = static_cast<std::int64_t>(task) * kFramesPerTask;
    const std::int64_t last = std::min(first + kFramesPerTask, frames);
    for (std::int64_t frame = first; frame < last; frame += kLanes) {
      const std::int64_t width = std::min<std::int64_t>(kLanes, last - frame);
      for (std::size_t n = 0; n < size_; ++n) {
        for (std::int64_t i = 0; i < kLanes; ++i) {
          const std::int64_t at = (frame + std::min(i, width - 1)) * step + static_cast<std::int64_t>(n);
          framed[n].real[static_cast<int>(i)] = signal[static_cast<std::size_t>(at)] * window[n];
        }
      }
      transform_some(tables, framed.data(), work.data(), spectrum.data());
      for (std::size_t bin = 0; bin < bins(); ++bin) {
        float* magnitude = out + static_cast<std::int64_t>(bin) * frames + frame;
        float* phase = magnitude + static_cast<std::int64_t>(bins()) * frames;
        for (int i = 0; i < width; ++i) {
          const float re = spectrum[bin].real[i], im = spectrum[bin].imaginary[i];
          magnitude[i] = std::sqrt(re * re + im * im);
          const float angle = std::atan(im / re);
          phase[i] = re < 0.0F ? (im > 0.0F ? angle + kPi : angle - kPi) : angle;
        }
      }
    }
  });
}

}  // namespace hearth::engines::onnx
