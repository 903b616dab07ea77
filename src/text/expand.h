#pragma once

// Written shapes that neither the lexicons nor the number rules can say: sums of money, units, times of day, fractions,
// dates in figures, ranges, telephone numbers, abbreviations, Roman numerals, addresses, signs. Each becomes the words
// that a reader would say. PURE; any thread; linear.

#include <vector>

#include "text/english_words.h"
#include "text/words.h"

namespace hearth::text {

/// The words of one sentence with such shapes spelled out. New words keep the place of what they stand for. The
/// accent decides whether 3/4/2021 is in March or in April.
[[nodiscard]] std::vector<Word> expand(const std::vector<Word>& words, Accent accent);

}  // namespace hearth::text
