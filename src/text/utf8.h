#pragma once

// UTF-8 in and out, and the few facts about characters that the rules of this room need: Latin, Greek and Cyrillic
// letters with their case, anything else that is a letter without case, digits, blanks. Not a Unicode library. Pure;
// any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::text {

inline constexpr char32_t kReplacement = U'\uFFFD';

/// Decodes the character at `at` and moves `at` past it. A malformed byte gives kReplacement and moves by one.
[[nodiscard]] char32_t next_code_point(std::string_view bytes, std::size_t& at);

/// The byte offset of the first malformed sequence (overlong forms, surrogates and values past U+10FFFF included).
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view bytes);

void append_utf8(std::string& out, char32_t c);
[[nodiscard]] std::string to_utf8(std::u32string_view text);
[[nodiscard]] std::u32string from_utf8(std::string_view bytes);

[[nodiscard]] bool is_letter(char32_t c);
[[nodiscard]] bool is_upper(char32_t c);
[[nodiscard]] bool is_lower(char32_t c);
[[nodiscard]] bool is_space(char32_t c);
[[nodiscard]] constexpr bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
[[nodiscard]] constexpr bool is_ascii_letter(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}

[[nodiscard]] char32_t to_lower(char32_t c);
[[nodiscard]] char32_t to_upper(char32_t c);
[[nodiscard]] std::u32string to_lower(std::u32string_view text);
/// No character would change by lowering its case; true of "", "12" and "-".
[[nodiscard]] bool is_all_lower(std::u32string_view text);

/// Emoji, their joiners and modifiers, dingbats, box drawing, private use: what nobody reads aloud.
[[nodiscard]] bool is_pictograph(char32_t c);

/// A letter that follows with its accent as a mark of its own becomes one letter (Latin only), full-width forms and the
/// f-ligatures become ASCII, and what is invisible (zero-width marks, BOM, soft hyphen) goes.
[[nodiscard]] std::u32string compose(std::u32string_view text);

}  // namespace hearth::text
