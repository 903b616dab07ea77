#pragma once

// misaki's inline markup: `[word](/fəˈnɛtɪk/)` says how, `[word](2)` and `[word](-0.5)` how strongly (whole numbers,
// and the two halves next to 0), `[90](#&#)` how a number. PURE; any thread; linear.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hearth::text {

/// What a piece of the text asks for. At least one field is set.
struct Wish {
  std::size_t begin = 0, end = 0;          // in Marked::text
  std::optional<std::u32string> phonemes;  // in Kokoro's symbols where it has them: ɡ for g, a tilde behind its vowel
  std::optional<float> stress;
  std::string number_flags;
};

struct Marked {
  std::u32string text;       // without the markup
  std::vector<Wish> wishes;  // in order, apart from each other
};

/// Other links, `[text](https://…)` and `[text](/a/b/)`, keep their text alone. Brackets that are no link stay as they
/// are. `text` is composed (utf8.h) text.
[[nodiscard]] Marked take_markup(std::u32string_view text);

/// kInvalidArgument, with the symbol, where phonemes hold one that tokens.h has no id for: it would go without a trace,
/// and whoever wrote it would look for the fault in the voice.
[[nodiscard]] base::Result<void> check_phonemes(const Marked& marked);

}  // namespace hearth::text
