#include "engines/whisper/vocabulary.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace hearth::engines::whisper {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr bool is_itself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || (byte >= 0xAE && byte <= 0xFF);
}

/// By code point below 0x144: the byte, or -1. The bytes that are not themselves follow one another from U+0100.
constexpr auto make_table() {
  std::array<std::int16_t, 0x144> table{};
  table.fill(-1);
  std::size_t next = 0x100;
  for (int byte = 0; byte < 0x100; ++byte) {
    table[is_itself(byte) ? static_cast<std::size_t>(byte) : next++] = static_cast<std::int16_t>(byte);
  }
  return table;
}
constexpr auto kByteOf = make_table();

/// The bytes that `spelling` stands for; nothing where it stands for none. All its characters are below U+0144, so that
/// UTF-8 takes one byte or two.
bool append_bytes(std::string_view spelling, std::string& bytes) {
  for (std::size_t i = 0; i < spelling.size(); ++i) {
    std::size_t point = static_cast<unsigned char>(spelling[i]);
    if (point >= 0x80) {
      if ((point & 0xE0U) != 0xC0 || i + 1 == spelling.size()) return false;
      const auto second = static_cast<unsigned char>(spelling[++i]);
      if ((second & 0xC0U) != 0x80) return false;
      point = (point & 0x1FU) << 6 | (second & 0x3FU);
    }
    if (point >= kByteOf.size() || kByteOf[point] < 0) return false;
    bytes += static_cast<char>(kByteOf[point]);
  }
  return true;
}

}  // namespace

Result<std::vector<std::string>> parse_vocabulary(std::string_view text) {
  std::vector<std::string> tokens;
  tokens.reserve(kSpelledTokens);
  while (tokens.size() < kSpelledTokens) {
    if (text.empty()) {
      return fail(Code::kCorrupt, "the vocabulary has " + std::to_string(tokens.size()) + " tokens instead of " +
                                      std::to_string(kSpelledTokens));
    }
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!append_bytes(line, tokens.emplace_back())) {
      return fail(Code::kCorrupt, "line " + std::to_string(tokens.size()) + " of the vocabulary is no token");
    }
  }
  return tokens;
}

}  // namespace hearth::engines::whisper
