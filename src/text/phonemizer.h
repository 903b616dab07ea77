#pragma once

// Text to the phonemes that Kokoro was trained on.
//
// English follows misaki 0.9.4 (lexicons, suffix and stress rules, numbers, function words), with a tagger and
// hand-written rules for words that sound by their sense (heteronyms.h), and espeak-ng for words that no lexicon has.
// The other seven languages are espeak-ng's pronunciation in Kokoro's symbols; docs/languages.md says how good each is.
// Not here: sentences into pieces and pauses (script.h), ids (tokens.h).
// Where to start reading: english.cc, function EnglishReader::read.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/fallback.h"
#include "text/language.h"
#include "text/lexicon.h"

namespace hearth::text {

/// Immutable; every method may be called from any thread at once.
class Phonemizer {
 public:
  /// `lexicon` may be null: then English is kUnavailable, the other languages work.
  /// `fallback` may be null: then unknown English words are spelled letter by letter, and other languages are
  /// kUnsupported. Both are shared because they outlive reloads of the model that uses them.
  Phonemizer(std::shared_ptr<const Lexicon> lexicon, std::shared_ptr<const PhonemeFallback> fallback);
  ~Phonemizer();

  /// One passage of plain text, with `[word](/fəˈnɛtɪk/)` and `[word](-1)` forms as misaki reads them. Punctuation that
  /// Kokoro knows is kept; '\n' stands between paragraphs (blank lines of the text). Empty when there is nothing to
  /// say. The cost is linear in the length of the text. kInvalidArgument: not UTF-8 (with the byte's offset), phonemes
  /// in such a form that Kokoro does not have (with the symbol). kUnavailable, kUnsupported: see the constructor.
  [[nodiscard]] base::Result<std::string> phonemes(std::string_view text, Language language) const;

 private:
  struct English;  // the tagger and a reader for each accent

  const std::shared_ptr<const Lexicon> lexicon_;
  const std::shared_ptr<const PhonemeFallback> fallback_;
  const std::unique_ptr<const English> english_;  // null without a lexicon
};

}  // namespace hearth::text
