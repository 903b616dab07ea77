#pragma once

// What kind of file some bytes are, by their first ones: names and Content-Types that clients send are often wrong.
// Pure.

#include <cstdint>
#include <string_view>

namespace hearth::audio {

enum class Container {
  kWav,   // RIFF, RIFX and RF64
  kAiff,  // AIFF and AIFF-C
  kFlac,
  kOgg,  // Opus, Vorbis or FLAC inside
  kMp3,
  kMp4,       // mp4, m4a, mov
  kMatroska,  // webm, mkv
  kAac,       // bare ADTS
  kAsf,       // wma
  kAmr,
  kUnknown,
};

/// Looks at no more than the first kilobyte, and at what follows an ID3 tag.
[[nodiscard]] Container find_container(std::string_view bytes);
/// "wav", "mp4 or m4a", …, for messages.
[[nodiscard]] std::string_view container_name(Container container);

/// Real sound, but of the kinds that only the separate program hearth-media will open.
[[nodiscard]] bool is_for_media_program(Container container);

/// Whether the bytes are something that a person could read, which no sound file begins with.
[[nodiscard]] bool looks_like_text(std::string_view bytes);

/// How many bytes of sound a WAV header promises beyond those that are there: an upload that broke off. 0 where it
/// keeps its word, and where it says that it does not know its length (0, or one of the largest numbers, which is what
/// programs write that stream into a pipe), or counts its own header.
[[nodiscard]] std::int64_t wav_missing_bytes(std::string_view bytes);

}  // namespace hearth::audio
