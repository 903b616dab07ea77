#include "base/base64.h"

#include <cstdint>

namespace hearth::base {
namespace {

constexpr std::uint8_t kNoDigit = 64;

std::uint8_t digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint8_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint8_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0' + 52);
  if (c == '+') return 62;
  return c == '/' ? 63 : kNoDigit;
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const unsigned three = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    out.push_back(kDigits[three >> 18U]);
    out.push_back(kDigits[three >> 12U & 63U]);
    out.push_back(i + 1 < bytes.size() ? kDigits[three >> 6U & 63U] : '=');
    out.push_back(i + 2 < bytes.size() ? kDigits[three & 63U] : '=');
  }
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes(text);
  const auto count = decode_base64_in_place(bytes);
  if (!count) return std::nullopt;
  bytes.resize(*count);
  return bytes;
}

std::optional<std::size_t> decode_base64_in_place(std::span<char> text) {
  std::span<const char> digits = text;
  if (digits.size() % 4 == 0) {
    for (int padding = 0; padding < 2 && !digits.empty() && digits.back() == '='; ++padding) {
      digits = digits.first(digits.size() - 1);
    }
  }
  if (digits.size() % 4 == 1) return std::nullopt;
  std::size_t written = 0;  // never more than was read
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : digits) {
    const std::uint8_t digit = digit_of(c);
    if (digit == kNoDigit) return std::nullopt;
    bits = bits << 6 | digit;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    text[written++] = static_cast<char>(bits >> count & 0xff);
  }
  return written;
}

}  // namespace hearth::base
