#pragma once

// Words that are written alike and said by their sense: wind, lead, live, read, close, tear, bow… The tagger's part of
// speech decides most; here are the cases where it is not enough, by the words around. PURE; any thread.

#include <optional>
#include <vector>

#include "text/stress.h"
#include "text/tagger.h"
#include "text/words.h"

namespace hearth::text {

/// A tag to look the word up by, or the sound itself where the lexicons know only one.
struct Sense {
  Tag tag;            // empty: the tagger's
  PhonesView us, uk;  // empty: the lexicon's
};

/// What the neighbours say of the word at `at`; none when it is no heteronym or they say nothing.
[[nodiscard]] std::optional<Sense> find_sense(const std::vector<Word>& words, const std::vector<Tag>& tags,
                                              std::size_t at);

}  // namespace hearth::text
