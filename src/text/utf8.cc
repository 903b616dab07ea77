#include "text/utf8.h"

#include <algorithm>
#include <iterator>

namespace hearth::text {
namespace {

struct Decoded {
  char32_t c = kReplacement;
  std::size_t size = 0;  // 0: malformed
};

Decoded decode(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(bytes[at + i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {static_cast<char32_t>(lead), 1};
  const std::size_t size = lead >= 0xF0 && lead < 0xF5   ? 4
                           : lead >= 0xE0 && lead < 0xF0 ? 3
                           : lead >= 0xC2 && lead < 0xE0 ? 2
                                                         : 0;
  if (size == 0 || bytes.size() - at < size) return {};
  char32_t c = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return {};
    c = (c << 6) | (byte(i) & 0x3Fu);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < kLeast[size] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return {};
  return {c, size};
}

struct Range {
  char32_t first, last;
};

template <std::size_t N>
bool in_ranges(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges), [c](Range r) { return c >= r.first && c <= r.last; });
}

// Scripts without case, coarsely: enough to keep their words whole.
constexpr Range kUncased[] = {{0x0561, 0x0587}, {0x05D0, 0x05EA}, {0x0620, 0x064A}, {0x0671, 0x06D3},
                              {0x0900, 0x0963}, {0x0971, 0x0DFF}, {0x0E01, 0x0E30}, {0x0E40, 0x0E46},
                              {0x1100, 0x11FF}, {0x1200, 0x137F}, {0x3040, 0x30FF}, {0x3400, 0x4DBF},
                              {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}};

// Everything drawn rather than read. Arrows, maths and currency are not here: they have names.
constexpr Range kPictographs[] = {{0x2300, 0x23FF},   {0x2460, 0x24FF},   {0x2500, 0x2BFF}, {0x200D, 0x200D},
                                  {0x20E3, 0x20E3},   {0xE000, 0xF8FF},   {0xFE00, 0xFE0F}, {0x1F000, 0x1FAFF},
                                  {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}};

// Alternating upper, lower from an even (or odd) code point on.
bool pairs_from_even(char32_t c) {
  return (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x1DE && c <= 0x1EF) ||
         (c >= 0x1F8 && c <= 0x21F) || (c >= 0x222 && c <= 0x233) || (c >= 0x1E00 && c <= 0x1E95) ||
         (c >= 0x1EA0 && c <= 0x1EFF) || (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) ||
         (c >= 0x4D0 && c <= 0x52F);
}
bool pairs_from_odd(char32_t c) {
  return (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E) || (c >= 0x1CD && c <= 0x1DC);
}

struct Composed {
  char32_t mark;
  std::u32string_view bases, letters;
};

constexpr Composed kComposed[] = {
    {0x300, U"AEIOUaeiouNn", U"ÀÈÌÒÙàèìòùǸǹ"},
    {0x301, U"AEIOUYaeiouyCcNnSsZzLlRr", U"ÁÉÍÓÚÝáéíóúýĆćŃńŚśŹźĹĺŔŕ"},
    {0x302, U"AEIOUaeiouCcGgHhJjSsWwYy", U"ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷ"},
    {0x303, U"ANOanoIiUu", U"ÃÑÕãñõĨĩŨũ"},
    {0x304, U"AEIOUaeiou", U"ĀĒĪŌŪāēīōū"},
    {0x306, U"AEIOUaeiouGg", U"ĂĔĬŎŬăĕĭŏŭĞğ"},
    {0x307, U"CcEeGgZzI", U"ĊċĖėĠġŻżİ"},
    {0x308, U"AEIOUYaeiouy", U"ÄËÏÖÜŸäëïöüÿ"},
    {0x30A, U"AaUu", U"ÅåŮů"},
    {0x30B, U"OoUu", U"ŐőŰű"},
    {0x30C, U"CcDdEeNnRrSsTtZzGg", U"ČčĎďĚěŇňŘřŠšŤťŽžǦǧ"},
    {0x327, U"CcSsTtGgKkLlNnRr", U"ÇçŞşŢţĢģĶķĻļŅņŖŗ"},
    {0x328, U"AaEeIiUu", U"ĄąĘęĮįŲų"},
};

char32_t compose_pair(char32_t base, char32_t mark) {
  for (const Composed& row : kComposed) {
    if (row.mark != mark) continue;
    const auto at = row.bases.find(base);
    return at == std::u32string_view::npos ? 0 : row.letters[at];
  }
  return 0;
}

}  // namespace

char32_t next_code_point(std::string_view bytes, std::size_t& at) {
  const Decoded decoded = decode(bytes, at);
  at += std::max<std::size_t>(decoded.size, 1);
  return decoded.c;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded decoded = decode(bytes, at);
    if (decoded.size == 0) return at;
    at += decoded.size;
  }
  return std::nullopt;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6)), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12)), put(0x80 | ((c >> 6) & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18)), put(0x80 | ((c >> 12) & 0x3F)), put(0x80 | ((c >> 6) & 0x3F)), put(0x80 | (c & 0x3F));
  }
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

std::u32string from_utf8(std::string_view bytes) {
  std::u32string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) out += next_code_point(bytes, at);
  return out;
}

char32_t to_lower(char32_t c) {
  if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if (c == 0x178) return 0xFF;
  if (c == 0x130) return U'i';
  if (pairs_from_even(c)) return c | 1u;
  if (pairs_from_odd(c)) return (c & 1u) != 0 ? c + 1 : c;
  if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return c + 32;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  return c;
}

char32_t to_upper(char32_t c) {
  if (c < 0x80) return c >= U'a' && c <= U'z' ? c - 32 : c;
  if (c >= 0xE0 && c <= 0xFE && c != 0xF7) return c - 32;
  if (c == 0xFF) return 0x178;
  if (c == 0x131) return U'I';
  if (pairs_from_even(c)) return c & ~1u;
  if (pairs_from_odd(c)) return (c & 1u) == 0 ? c - 1 : c;
  if (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2) return c - 32;
  if (c >= 0x430 && c <= 0x44F) return c - 32;
  if (c >= 0x450 && c <= 0x45F) return c - 80;
  return c;
}

bool is_upper(char32_t c) { return to_lower(c) != c; }
bool is_lower(char32_t c) { return to_upper(c) != c || c == 0xDF || (c >= 0x250 && c <= 0x2AF); }

bool is_letter(char32_t c) {
  if (c < 0x80) return is_ascii_letter(c);
  return is_upper(c) || is_lower(c) || c == 0xAA || c == 0xBA || (c >= 0x180 && c <= 0x2AF) ||
         (c >= 0x370 && c <= 0x3FF && c != 0x37E && c != 0x387) ||
         (c >= 0x400 && c <= 0x52F && (c < 0x482 || c > 0x489)) || (c >= 0x531 && c <= 0x556) || in_ranges(kUncased, c);
}

bool is_space(char32_t c) {
  return c == U' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::u32string to_lower(std::u32string_view text) {
  std::u32string out{text};
  for (char32_t& c : out) c = to_lower(c);
  return out;
}

bool is_all_lower(std::u32string_view text) { return std::none_of(text.begin(), text.end(), is_upper); }

bool is_pictograph(char32_t c) { return c >= 0x200D && in_ranges(kPictographs, c); }

std::u32string compose(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (const char32_t c : text) {
    if (c < 0xA0) {  // NOLINT(bugprone-branch-clone): the common case comes first
      out += c;
    } else if (c == 0xAD || c == 0x200B || c == 0x200C || c == 0x2060 || c == 0xFEFF) {
      continue;
    } else if (c >= 0x300 && c <= 0x328 && !out.empty() && compose_pair(out.back(), c) != 0) {
      out.back() = compose_pair(out.back(), c);
    } else if (c >= 0xFF01 && c <= 0xFF5E) {
      out += static_cast<char32_t>(c - 0xFEE0);
    } else if (c >= 0xFB00 && c <= 0xFB04) {
      constexpr std::u32string_view kLigatures[] = {U"ff", U"fi", U"fl", U"ffi", U"ffl"};
      out += kLigatures[c - 0xFB00];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace hearth::text
