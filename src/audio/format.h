#pragma once

// The names of the sound formats that a client may ask for, and what each is called in a file name and in HTTP.

#include <optional>
#include <string_view>

#include "base/units.h"

namespace hearth::audio {

enum class AudioFormat {
  kWav,   // RIFF, 16 bit PCM
  kMp3,   // MPEG layer III, constant bit rate
  kFlac,  // native FLAC, 16 bit
  kOpus,  // Opus in Ogg (RFC 7845)
  kPcm,   // bare 16 bit little-endian samples, no header
};

/// Every format, for lists in messages and for tests.
inline constexpr AudioFormat kAllFormats[] = {AudioFormat::kWav, AudioFormat::kMp3, AudioFormat::kFlac,
                                              AudioFormat::kOpus, AudioFormat::kPcm};
/// The same for a person: "wav, mp3, flac, opus or pcm".
inline constexpr std::string_view kFormatList = "wav, mp3, flac, opus or pcm";

/// "wav", "mp3", "flac", "opus", "pcm": the words of the API.
[[nodiscard]] std::string_view format_name(AudioFormat format);
/// The inverse, upper or lower case; nothing for any other word.
[[nodiscard]] std::optional<AudioFormat> find_format(std::string_view name);
/// By a file name's ending: .wav .wave .mp3 .flac .opus .ogg .pcm .raw; nothing for any other.
[[nodiscard]] std::optional<AudioFormat> find_format_of_file(std::string_view file_name);
/// The Content-Type of a body in this format, e.g. "audio/mpeg".
[[nodiscard]] std::string_view content_type(AudioFormat format);

}  // namespace hearth::audio
