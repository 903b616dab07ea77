#include "wire/json_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace hearth::wire {
namespace {

/// Length of the well-formed sequence at the front (Unicode 15, table 3-7), 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80U) return 1;
  if (first >= 0xC2U && first <= 0xDFU) return continues(1) ? 2 : 0;
  if (first >= 0xE0U && first <= 0xEFU) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xE0U && byte(1) < 0xA0U) return 0;   // overlong
    if (first == 0xEDU && byte(1) >= 0xA0U) return 0;  // surrogate
    return 3;
  }
  if (first >= 0xF0U && first <= 0xF4U) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xF0U && byte(1) < 0x90U) return 0;   // overlong
    if (first == 0xF4U && byte(1) >= 0x90U) return 0;  // beyond U+10FFFF
    return 4;
  }
  return 0;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

/// Where the quote is that ends the string which begins at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at < text.size() ? at : std::string_view::npos;
}

struct Extent {
  int depth = 0;
  std::size_t values = 1;  // at most: what begins with a bracket, and what follows one or a comma
};

Extent measure(std::string_view text) {
  Extent extent;
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      extent.depth = std::max(extent.depth, ++depth);
      ++extent.values;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',') {
      ++extent.values;
    }
  }
  return extent;
}

// Blanks and zero-width characters beyond ASCII; the latter are what is left of text whose letters were removed.
constexpr std::array<std::string_view, 26> kBlankSequences = {
    "\u0085", "\u00A0", "\u00AD", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
    "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A", "\u200B", "\u200C", "\u200D",
    "\u2028", "\u2029", "\u202F", "\u205F", "\u2060", "\u3000", "\uFE0F", "\uFEFF"};

}  // namespace

base::Result<void> check_json_text(std::string_view text) {
  if (const auto bad = find_invalid_utf8(text)) {
    return base::fail(base::Code::kInvalidArgument, "the body is not valid UTF-8 at byte " + std::to_string(*bad));
  }
  const Extent extent = measure(text);
  if (extent.depth > kMaxJsonDepth) {
    return base::fail(base::Code::kInvalidArgument,
                      "the body's JSON is nested deeper than " + std::to_string(kMaxJsonDepth) + " levels");
  }
  if (extent.values > kMaxJsonValues) {
    return base::fail(base::Code::kInvalidArgument,
                      "the body's JSON has more than " + std::to_string(kMaxJsonValues) + " values");
  }
  return {};
}

int json_depth(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || (text[begin] != '[' && text[begin] != '{')) return 0;
  return measure(text).depth;
}

std::optional<std::string_view> find_json_string(std::string_view text, std::string_view name) {
  std::optional<std::string_view> found;
  std::string_view last;  // string of the object itself: its members' names are followed by a colon
  bool is_named = false;  // what comes next is the member's value
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t begin = i + 1;
      i = end_of_string(text, begin);
      if (i == std::string_view::npos) return std::nullopt;
      if (depth != 1) continue;
      last = text.substr(begin, i - begin);
      if (is_named) found = last;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (depth == 1 && (c == ':' || c == ',')) {
      is_named = c == ':' && last == name;
    }
  }
  return found;
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_blank(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    const std::string_view c = utf8.substr(at, std::max<std::size_t>(1, sequence_length(utf8.substr(at))));
    at += c.size();
    if (c.size() == 1 && static_cast<unsigned char>(c[0]) <= 0x20U) continue;
    if (std::find(kBlankSequences.begin(), kBlankSequences.end(), c) == kBlankSequences.end()) return false;
  }
  return true;
}

}  // namespace hearth::wire
