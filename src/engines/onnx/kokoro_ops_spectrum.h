#pragma once

// The short-time spectrum of Kokoro's source signal as magnitudes and phases. Pure, apart from the threads that are
// lent.
//
// Where the voice is silent or unvoiced the signal is constant: most bins hold nothing but rounding noise, their phases
// are the phases of that noise, and the vocoder hears them. So the transform takes the steps of ONNX Runtime's STFT
// (Bluestein's chirp over a radix-2 FFT, in floats, each operation rounded by itself) and gives its very bits; it is
// fast because sixteen frames go through the same steps at once and the chirp is made once. Source: Bluestein 1970;
// ONNX Runtime's signal/dft.cc.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engines/onnx/kokoro_ops_conv.h"

namespace hearth::engines::onnx {

/// Frames of `window` samples, `step` apart, that fit wholly.
[[nodiscard]] std::int64_t count_spectrum_frames(std::int64_t samples, std::int64_t window, std::int64_t step);

/// What depends on the window's length only. Immutable.
class SpectrumPlan {
 public:
  /// `size` is 2 … kMostSize.
  explicit SpectrumPlan(std::size_t size);
  static constexpr std::size_t kMostSize = 512;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bins() const { return size_ / 2 + 1; }

  /// out [2 × bins, frames]: magnitudes, then phases in (-π, π]. `window` has size() values.
  void run(SimdLevel level, std::span<const float> signal, std::span<const float> window, std::int64_t step, float* out,
           const ParallelFor& parallel_for) const;

 private:
  std::size_t size_;
  std::size_t padded_;            // the power of two that the transform works in
  std::vector<float> turns_;      // e^(-2πi n / padded), real and imaginary in turn
  std::vector<float> chirp_;      // [size]
  std::vector<float> chirp_fft_;  // [padded]
};

}  // namespace hearth::engines::onnx
