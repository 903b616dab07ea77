#pragma once

// Running text to the pieces that are read by themselves: paragraphs at blank lines, sentences inside them. PURE;
// linear.

#include <string>
#include <string_view>
#include <vector>

namespace hearth::text {

/// Views into `text`, in order, without blanks around them; a paragraph that is blank is left out. Items of a list and
/// headings
/// ("- x", "2. x", "# x") are paragraphs of their own, without their mark (a number stays).
[[nodiscard]] std::vector<std::u32string_view> cut_paragraphs(std::u32string_view text);

/// A sentence ends at . ! ? or … (quotes and brackets behind it included) before a blank and what can begin a sentence,
/// unless the stop belongs to an abbreviation or an initial ("Dr. Who", "J. Smith"). One longer than `longest` is cut
/// at a blank.
[[nodiscard]] std::vector<std::u32string_view> cut_sentences(std::u32string_view paragraph, std::size_t longest = 2000);

}  // namespace hearth::text
