#include "audio/wav.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "audio/encoder.h"
#include "base/files.h"

namespace hearth::audio {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::uint16_t kCodingPcm = 1;
constexpr std::uint16_t kCodingFloat = 3;
constexpr std::uint16_t kCodingExtensible = 0xFFFE;

void put(char*& at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  at += text.size();
}
void put(char*& at, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) *at++ = static_cast<char>(value >> (8 * i) & 0xFF);
}

/// Little-endian; REQUIRES at + bytes <= size.
std::uint32_t get(std::string_view bytes, std::size_t at, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)])) << (8 * i);
  }
  return value;
}

struct Layout {
  std::uint16_t coding = 0;
  int channels = 0;
  int rate = 0;
  int bits = 0;
};

Result<Layout> parse_layout(std::string_view chunk) {
  if (chunk.size() < 16) return fail(Code::kCorrupt, "WAV: the format chunk is too short");
  Layout layout;
  layout.coding = static_cast<std::uint16_t>(get(chunk, 0, 2));
  layout.channels = static_cast<int>(get(chunk, 2, 2));
  const std::uint32_t rate = get(chunk, 4, 4);
  layout.bits = static_cast<int>(get(chunk, 14, 2));
  // The extensible form keeps the coding in the first two bytes of a GUID.
  if (layout.coding == kCodingExtensible && chunk.size() >= 26) {
    layout.coding = static_cast<std::uint16_t>(get(chunk, 24, 2));
  }
  if (rate < 1 || rate > 384'000) return fail(Code::kCorrupt, "WAV: a sample rate of " + std::to_string(rate) + " Hz");
  layout.rate = static_cast<int>(rate);
  if (layout.channels < 1 || layout.channels > 8) {
    return fail(Code::kUnsupported, "WAV: " + std::to_string(layout.channels) + " channels", "use 1 to 8");
  }
  const bool pcm =
      layout.coding == kCodingPcm && (layout.bits == 8 || layout.bits == 16 || layout.bits == 24 || layout.bits == 32);
  if (!pcm && !(layout.coding == kCodingFloat && layout.bits == 32)) {
    return fail(Code::kUnsupported,
                "WAV: coding " + std::to_string(layout.coding) + " with " + std::to_string(layout.bits) + " bits",
                "use PCM of 8, 16, 24 or 32 bit, or 32 bit float");
  }
  return layout;
}

float sample_at(std::string_view bytes, std::size_t at, const Layout& layout) {
  const int width = layout.bits / 8;
  const std::uint32_t raw = get(bytes, at, width);
  if (layout.coding == kCodingFloat) return std::bit_cast<float>(raw);
  if (width == 1) return (static_cast<float>(raw) - 128.0F) / 128.0F;  // 8 bit alone is unsigned
  // Moved to the top of the word, every width scales alike and the sign comes for free.
  const auto top = static_cast<std::int32_t>(raw << (32 - layout.bits));
  return static_cast<float>(static_cast<double>(top) / 2147483648.0);
}

Wav mix_down(std::string_view bytes, const Layout& layout) {
  const auto width = static_cast<std::size_t>(layout.bits / 8);
  const auto channels = static_cast<std::size_t>(layout.channels);
  Wav wav;
  wav.rate = base::SampleRate{layout.rate};
  wav.channels = layout.channels;
  wav.samples.resize(bytes.size() / (width * channels));
  for (std::size_t i = 0; i < wav.samples.size(); ++i) {
    float sum = 0.0F;
    for (std::size_t c = 0; c < channels; ++c) sum += sample_at(bytes, (i * channels + c) * width, layout);
    wav.samples[i] = sum / static_cast<float>(channels);
  }
  return wav;
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

Result<void> write_wav_file(const std::filesystem::path& path, base::SampleRate rate, std::span<const float> samples) {
  auto bytes = encode_all(AudioFormat::kWav, rate, samples);
  if (!bytes) return fail(bytes.error());
  return base::write_file_atomically(path, *bytes);
}

Result<Wav> parse_wav(std::string_view bytes) {
  if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WAVE") {
    return fail(Code::kCorrupt, "not a WAV file");
  }
  std::optional<Layout> layout;
  std::size_t at = 12;
  while (bytes.size() - at >= 8) {
    const std::string_view name = bytes.substr(at, 4);
    const std::size_t stated = get(bytes, at + 4, 4);
    at += 8;
    const std::size_t there = std::min(stated, bytes.size() - at);
    if (name == "fmt ") {
      auto parsed = parse_layout(bytes.substr(at, there));
      if (!parsed) return fail(parsed.error());
      layout = *parsed;
    } else if (name == "data") {
      if (!layout) return fail(Code::kCorrupt, "WAV: samples before their format");
      return mix_down(bytes.substr(at, there), *layout);
    }
    at += there;
    if (there % 2 == 1 && at < bytes.size()) ++at;  // chunks are padded to even sizes
  }
  return fail(Code::kCorrupt, "WAV: no samples in it");
}

Result<Wav> read_wav_file(const std::filesystem::path& path, base::Bytes limit) {
  auto bytes = base::read_file(path, limit);
  if (!bytes) return fail(bytes.error());
  auto wav = parse_wav(*bytes);
  if (!wav) return fail(wav.error().code, path.string() + ": " + wav.error().message, wav.error().remedy);
  return wav;
}

}  // namespace hearth::audio
