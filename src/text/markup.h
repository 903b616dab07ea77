#pragma once

// misaki's inline markup: `[word](/fəˈnɛtɪk/)` says how, `[word](2)` and `[word](-0.5)` how strongly, `[90](#&#)` how a
// number. PURE; any thread; linear.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::text {

/// What a piece of the text asks for. At least one field is set.
struct Wish {
  std::size_t begin = 0, end = 0;  // in Marked::text
  std::optional<std::u32string> phonemes;
  std::optional<float> stress;
  std::string number_flags;
};

struct Marked {
  std::u32string text;       // without the markup
  std::vector<Wish> wishes;  // in order, apart from each other
};

/// Other links, `[text](https://…)`, keep their text alone. Brackets that are no link stay as they are.
[[nodiscard]] Marked take_markup(std::u32string_view text);

}  // namespace hearth::text
