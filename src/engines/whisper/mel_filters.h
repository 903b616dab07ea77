#pragma once

#include <vector>

namespace hearth::engines::whisper {

inline constexpr int kMelBins = 201;  // of a Fourier transform of 400 samples

/// Whisper's mel filter bank for 16 kHz: `bands` rows of kMelBins weights. Pure. Triangles on Slaney's mel scale
/// (linear to 1 kHz, logarithmic above), each of unit area; equal to librosa.filters.mel(sr=16000, n_fft=400), from
/// which Whisper's own table was made.
[[nodiscard]] std::vector<float> make_mel_filters(int bands);

}  // namespace hearth::engines::whisper
