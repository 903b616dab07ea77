#pragma once

// WAV files: the header, whole files out, and whole files in. Reading is for sounds that come from outside, so every
// size in the file is checked against the bytes that are there. Format: "Multimedia Programming Interface and Data
// Specifications 1.0" (RIFF), WAVE_FORMAT_EXTENSIBLE included.

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace hearth::audio {

inline constexpr std::size_t kWavHeaderSize = 44;
/// As many 16 bit samples as a RIFF file's 32 bit sizes can count.
inline constexpr std::int64_t kWavMaxSamples = (0xFFFFFFFFLL - 36) / 2;

/// The 44 bytes before 16 bit mono samples. Without a count both sizes are 0xFFFFFFFF, for a stream whose end is not
/// known; to mend a file afterwards, write this header again over its start, with the count. REQUIRES: 0 <= count <=
/// kWavMaxSamples.
[[nodiscard]] std::array<char, kWavHeaderSize> wav_header(base::SampleRate rate, std::optional<std::int64_t> count);

/// Writes a whole mono 16 bit file, or leaves nothing.
[[nodiscard]] base::Result<void> write_wav_file(const std::filesystem::path& path, base::SampleRate rate,
                                                std::span<const float> samples);

/// Sound as it stood in a file.
struct Wav {
  base::SampleRate rate;
  std::vector<float> samples;  // mono: several channels are averaged
  int channels = 1;            // in the file
};

/// Understands PCM of 8, 16, 24 and 32 bit and f32, up to 8 channels, 1 … 384,000 Hz; a data chunk whose size is
/// 0xFFFFFFFF or runs past the end is taken to end with the bytes. Errors: kCorrupt, kUnsupported (another coding, too
/// many channels).
[[nodiscard]] base::Result<Wav> parse_wav(std::string_view bytes);
/// parse_wav of a file of at most `limit`.
[[nodiscard]] base::Result<Wav> read_wav_file(const std::filesystem::path& path,
                                              base::Bytes limit = base::Bytes{256 << 20});

}  // namespace hearth::audio
