#include "audio/wav.h"

#include <cstring>
#include <string_view>

namespace hearth::audio {
namespace {

constexpr std::uint16_t kCodingPcm = 1;

void put(char*& at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  at += text.size();
}
void put(char*& at, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) *at++ = static_cast<char>(value >> (8 * i) & 0xFF);
}

}  // namespace

std::array<char, kWavHeaderSize> wav_header(base::SampleRate rate, std::optional<std::int64_t> count) {
  const auto data = count ? static_cast<std::uint32_t>(*count * 2) : 0xFFFFFFFFU;
  const auto hz = static_cast<std::uint32_t>(rate.hz);
  std::array<char, kWavHeaderSize> header;
  char* at = header.data();
  put(at, "RIFF");
  put(at, count ? data + 36 : data, 4);
  put(at, "WAVEfmt ");
  put(at, 16, 4);
  put(at, kCodingPcm, 2);
  put(at, 1, 2);
  put(at, hz, 4);
  put(at, hz * 2, 4);
  put(at, 2, 2);
  put(at, 16, 2);
  put(at, "data");
  put(at, data, 4);
  return header;
}

}  // namespace hearth::audio
