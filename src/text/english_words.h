#pragma once

// How one English word sounds, by misaki's rules: special words, lexicons, capitals and acronyms, suffixes, numbers and
// money. PURE apart from reading the lexicon; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "text/lexicon.h"
#include "text/stress.h"
#include "text/tagger.h"

namespace hearth::text {

enum class Accent { kUs, kUk };

/// What follows a word in its sentence.
struct Following {
  std::optional<bool> vowel;  // the next sound is a vowel or a consonant; none: a pause or nothing
  bool is_to = false;         // the next word is "to"
};

/// One word as the rules see it.
struct WordQuery {
  std::string_view word;          // ASCII
  Tag tag;                        // may be empty
  std::optional<float> stress;    // asked for by markup
  std::string_view number_flags;  // from markup: '&' says "and", 'n' says "'n", 'a' says "a hundred"
  char32_t currency = 0;          // $ £ € before a number
  bool is_head = true;            // begins its blank-separated word
};

/// Immutable; keeps a reference to the lexicon.
class EnglishWords {
 public:
  EnglishWords(const Lexicon& lexicon, Accent accent);

  /// None when neither lexicons nor rules know the word.
  [[nodiscard]] std::optional<Phones> sound(const WordQuery& query, const Following& following) const;
  /// The letters' names, with the last one stressed. None when there is no letter, or one without a name.
  [[nodiscard]] std::optional<Phones> spell(std::string_view word) const;
  /// Known as it stands, or as capitals to spell.
  [[nodiscard]] bool is_known(std::string_view word) const;

 private:
  using Stress = std::optional<float>;
  [[nodiscard]] std::optional<Entry> gold(std::string_view word) const;
  [[nodiscard]] std::optional<Entry> silver(std::string_view word) const;
  [[nodiscard]] bool in_lexicon(std::string_view word) const {
    return gold(word).has_value() || silver(word).has_value();
  }
  [[nodiscard]] std::optional<Phones> gold_sound(std::string_view word, std::string_view tag = {}) const;

  [[nodiscard]] std::optional<Phones> special(std::string_view word, Tag tag, Stress stress,
                                              const Following& following) const;
  [[nodiscard]] std::optional<Phones> word_sound(std::string_view word, Tag tag, Stress stress,
                                                 const Following& following) const;
  [[nodiscard]] std::optional<Phones> look_up(std::string_view word, Tag tag, Stress stress,
                                              const Following* following) const;
  [[nodiscard]] std::optional<Phones> with_suffix(std::string_view word, Tag tag, Stress stress,
                                                  const Following* following) const;
  [[nodiscard]] std::optional<Phones> stem_s(std::string_view word, Tag tag, Stress stress,
                                             const Following* following) const;
  [[nodiscard]] std::optional<Phones> stem_ed(std::string_view word, Tag tag, Stress stress,
                                              const Following* following) const;
  [[nodiscard]] std::optional<Phones> stem_ing(std::string_view word, Tag tag, Stress stress,
                                               const Following* following) const;
  [[nodiscard]] std::optional<Phones> add_s(std::optional<Phones> stem) const;
  [[nodiscard]] std::optional<Phones> add_ed(std::optional<Phones> stem) const;
  [[nodiscard]] std::optional<Phones> add_ing(std::optional<Phones> stem) const;

  friend class NumberReader;
  [[nodiscard]] std::optional<Phones> number(const WordQuery& query) const;  // english_numbers.cc

  const Lexicon& lexicon_;
  const bool british_;
};

}  // namespace hearth::text
