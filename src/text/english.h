#pragma once

// A passage of English to phonemes: words, tags, senses, then each word's sound from the last to the first, because how
// "the" and "to" sound depends on what follows. After misaki's G2P. Any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/english_words.h"
#include "text/fallback.h"
#include "text/lexicon.h"
#include "text/tagger.h"

namespace hearth::text {

class EnglishReader {
 public:
  /// Keeps references: all of them outlive it. `fallback` may be null, then unknown words are spelled.
  EnglishReader(const Lexicon& lexicon, const Tagger& tagger, const PhonemeFallback* fallback, Accent accent);

  /// One passage without line breaks (composed text, markup allowed), to Kokoro's symbols.
  [[nodiscard]] std::string read(std::u32string_view passage) const;

 private:
  struct Piece;                      // a word or a part of one, with what is known of it
  using Group = std::vector<Piece>;  // pieces that stand together without a blank

  [[nodiscard]] std::vector<Piece> pieces_of(std::u32string_view passage) const;
  [[nodiscard]] static std::vector<Group> group(std::vector<Piece> pieces);
  [[nodiscard]] std::optional<Phones> sound(const Piece& piece, const Following& following) const;
  [[nodiscard]] Phones unknown(std::u32string_view word) const;
  void read_group(Group& group, Following& following) const;
  static void settle(Group& group);

  const Tagger& tagger_;
  const EnglishWords words_;
  const PhonemeFallback* const fallback_;
  const Accent accent_;
};

}  // namespace hearth::text
