#pragma once

// Log-mel spectrograms as Whisper was trained on (Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak
// Supervision", section 2.2), which Smart Turn takes too. Pure.

#include <cstddef>
#include <span>
#include <vector>

namespace hearth::audio {

/// What takes a power spectrum of 201 bins (400 samples at 16 kHz) to `bands` mel bands, [bands, 201] row by row:
/// triangles on Slaney's scale, linear to 1 kHz and logarithmic above, each of unit area. Equal to
/// librosa.filters.mel(sr=16000, n_fft=400), from which Whisper's own table was made. Pure.
[[nodiscard]] std::vector<float> mel_filters(std::size_t bands);

/// 16 kHz, Hann windows of 400 samples every 160, 80 bands on Slaney's mel scale. Immutable; any thread.
class LogMel {
 public:
  static constexpr int kSampleRate = 16'000;
  static constexpr std::size_t kWindow = 400;
  static constexpr std::size_t kHop = 160;  // 10 ms
  static constexpr std::size_t kBands = 80;
  static constexpr std::size_t kBins = kWindow / 2 + 1;

  LogMel();
  /// [kBands, samples / kHop], row by row: log10 of the power, at most 8 below the loudest, shifted and scaled to about
  /// [-1, 1]. The sound is mirrored at both ends. At least kWindow samples; fewer give an empty result.
  [[nodiscard]] std::vector<float> compute(std::span<const float> samples) const;

 private:
  struct Band {
    std::size_t first = 0;  // bin
    std::vector<double> weights;
  };
  std::vector<double> window_;
  std::vector<Band> bands_;  // without the zeros, which are nine in ten
};

}  // namespace hearth::audio
