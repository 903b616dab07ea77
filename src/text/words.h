#pragma once

// English text to words and marks, cut where spaCy's English tokenizer cuts (the rules of misaki expect its pieces: "$"
// apart from "96", "do" from "n't", "Mr." whole, full stops apart). PURE; any thread; linear in the length of the text.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::text {

struct Word {
  std::u32string text;  // never empty, no blanks
  bool space_after = false;
  std::size_t begin = 0, end = 0;  // its place in the text that was cut
};

/// Blanks of any kind and number count as one. `text` is composed (utf8.h) text.
[[nodiscard]] std::vector<Word> cut_words(std::u32string_view text);

/// A web address or e-mail address by its look: "example.com", "https://a.org/x?y", "me@example.com".
[[nodiscard]] bool looks_like_address(std::u32string_view word);

}  // namespace hearth::text
