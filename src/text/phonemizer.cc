#include "text/phonemizer.h"

#include <fmt/format.h>

#include <utility>

#include "text/english.h"
#include "text/foreign.h"
#include "text/markup.h"
#include "text/passages.h"
#include "text/utf8.h"

namespace hearth::text {

using base::Code;
using base::Result;

struct Phonemizer::English {
  English(const Lexicon& lexicon, const PhonemeFallback* fallback)
      : tagger(lexicon), us(lexicon, tagger, fallback, Accent::kUs), uk(lexicon, tagger, fallback, Accent::kUk) {}
  const Tagger tagger;
  const EnglishReader us, uk;
};

Phonemizer::Phonemizer(std::shared_ptr<const Lexicon> lexicon, std::shared_ptr<const PhonemeFallback> fallback)
    : lexicon_(std::move(lexicon)),
      fallback_(std::move(fallback)),
      english_(lexicon_ ? std::make_unique<const English>(*lexicon_, fallback_.get()) : nullptr) {}

Phonemizer::~Phonemizer() = default;

Result<std::string> Phonemizer::phonemes(std::string_view text, Language language) const {
  if (const auto at = find_invalid_utf8(text)) {
    return base::fail(Code::kInvalidArgument, fmt::format("the text is not valid UTF-8 at byte {}", *at));
  }
  if (is_english(language) && !english_) {
    return base::fail(Code::kUnavailable, "the English pronunciation table is not there",
                      "make it: hearth models pull kokoro");
  }
  const std::u32string composed = compose(from_utf8(text));
  std::string out;
  for (const std::u32string_view paragraph : cut_paragraphs(composed)) {
    std::string line;
    for (const std::u32string_view sentence : cut_sentences(paragraph)) {
      if (sentence.find(U"](/") != std::u32string_view::npos) {
        if (const auto known = check_phonemes(take_markup(sentence)); !known) return base::fail(known.error());
      }
      std::string phones;
      if (is_english(language)) {
        phones = (language == Language::kEnglishUk ? english_->uk : english_->us).read(sentence);
      } else {
        Result<std::string> read = read_foreign(sentence, language, fallback_.get());
        if (!read) return read;
        phones = std::move(*read);
      }
      if (phones.empty()) continue;
      if (!line.empty()) line += ' ';
      line += phones;
    }
    if (line.empty()) continue;
    if (!out.empty()) out += '\n';
    out += line;
  }
  return out;
}

}  // namespace hearth::text
