#include "audio/decoder_container.h"

#include <algorithm>

namespace hearth::audio {
namespace {

using namespace std::string_view_literals;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

std::uint32_t little32(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8U | byte_at(bytes, at + 2) << 16U |
         byte_at(bytes, at + 3) << 24U;
}

bool has(std::string_view bytes, std::size_t at, std::string_view wanted) {
  return bytes.size() >= at + wanted.size() && bytes.substr(at, wanted.size()) == wanted;
}

/// What is behind ID3v2 tags, of which a file may have several in front.
std::string_view skip_id3(std::string_view bytes) {
  while (has(bytes, 0, "ID3") && bytes.size() >= 10) {
    std::size_t length = 10;
    std::size_t size = 0;
    for (std::size_t i = 6; i < 10; ++i) size = size << 7U | (byte_at(bytes, i) & 0x7FU);  // seven bits a byte
    length += size;
    if ((byte_at(bytes, 5) & 0x10U) != 0) length += 10;  // with a footer
    if (length > bytes.size()) return {};
    bytes.remove_prefix(length);
  }
  return bytes;
}

/// An MPEG audio frame's header: eleven set bits, then a version, layer, bit rate and sample rate that are not
/// reserved.
bool is_mpeg_frame(std::string_view bytes) {
  return bytes.size() >= 4 && byte_at(bytes, 0) == 0xFFU && (byte_at(bytes, 1) & 0xE0U) == 0xE0U &&
         (byte_at(bytes, 1) & 0x18U) != 0x08U && (byte_at(bytes, 1) & 0x06U) != 0 &&
         (byte_at(bytes, 2) & 0xF0U) != 0xF0U && (byte_at(bytes, 2) & 0x0CU) != 0x0CU;
}

}  // namespace

Container find_container(std::string_view bytes) {
  if ((has(bytes, 0, "RIFF") || has(bytes, 0, "RIFX") || has(bytes, 0, "RF64")) && has(bytes, 8, "WAVE"))
    return Container::kWav;
  if (has(bytes, 0, "FORM") && (has(bytes, 8, "AIFF") || has(bytes, 8, "AIFC"))) return Container::kAiff;
  if (has(bytes, 0, "OggS")) return Container::kOgg;
  if (has(bytes, 4, "ftyp")) return Container::kMp4;
  if (has(bytes, 0, "\x1A\x45\xDF\xA3"sv)) return Container::kMatroska;
  if (has(bytes, 0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv)) return Container::kAsf;
  if (has(bytes, 0, "#!AMR")) return Container::kAmr;
  const std::string_view sound = skip_id3(bytes);
  if (has(sound, 0, "fLaC")) return Container::kFlac;
  if (byte_at(sound, 0) == 0xFFU && (byte_at(sound, 1) & 0xF6U) == 0xF0U) return Container::kAac;
  if (is_mpeg_frame(sound) || has(bytes, 0, "ID3")) return Container::kMp3;
  return Container::kUnknown;
}

std::string_view container_name(Container container) {
  switch (container) {
    case Container::kWav:
      return "wav";
    case Container::kAiff:
      return "aiff";
    case Container::kFlac:
      return "flac";
    case Container::kOgg:
      return "ogg";
    case Container::kMp3:
      return "mp3";
    case Container::kMp4:
      return "mp4 or m4a";
    case Container::kMatroska:
      return "webm or mkv";
    case Container::kAac:
      return "aac";
    case Container::kAsf:
      return "wma";
    case Container::kAmr:
      return "amr";
    case Container::kUnknown:
      return "sound";
  }
  return "sound";
}

bool is_for_media_program(Container container) {
  return container == Container::kMp4 || container == Container::kMatroska || container == Container::kAac ||
         container == Container::kAsf || container == Container::kAmr;
}

bool looks_like_text(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, 256);
  return !start.empty() && std::all_of(start.begin(), start.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20U || c == '\n' || c == '\r' || c == '\t';
  });
}

std::int64_t wav_missing_bytes(std::string_view bytes) {
  constexpr std::uint32_t kUnknownLength = 0x7FFFF000U;  // ffmpeg and we write 0xFFFFFFFF, sox and others about 2^31
  constexpr std::size_t kHeaderSlip = 64;                // some programs count the header as sound
  if (!has(bytes, 0, "RIFF")) return 0;                  // RF64 has 64 bit sizes elsewhere, RIFX the other byte order
  std::size_t at = 12;
  while (at + 8 <= bytes.size()) {
    const std::uint32_t size = little32(bytes, at + 4);
    const std::size_t rest = bytes.size() - at - 8;
    if (has(bytes, at, "data")) {
      const bool is_known = size != 0 && size < kUnknownLength;
      return is_known && size > rest + kHeaderSlip ? static_cast<std::int64_t>(size - rest) : 0;
    }
    if (size > rest) return 0;
    at += 8 + size + (size & 1U);
  }
  return 0;
}

}  // namespace hearth::audio
