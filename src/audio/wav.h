#pragma once

// The header of WAV files (RIFF, "Multimedia Programming Interface and Data Specifications 1.0"). Sounds are encoded by
// encoder.h and read by decoder.h.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/units.h"

namespace hearth::audio {

inline constexpr std::size_t kWavHeaderSize = 44;
/// As many 16 bit samples as a RIFF file's 32 bit sizes can count.
inline constexpr std::int64_t kWavMaxSamples = (0xFFFFFFFFLL - 36) / 2;

/// The 44 bytes before 16 bit mono samples. Without a count both sizes are 0xFFFFFFFF, for a stream whose end is not
/// known; to mend a file afterwards, write this header again over its start, with the count. REQUIRES: 0 <= count <=
/// kWavMaxSamples.
[[nodiscard]] std::array<char, kWavHeaderSize> wav_header(base::SampleRate rate, std::optional<std::int64_t> count);

}  // namespace hearth::audio
