#include "text/foreign.h"

#include <fmt/format.h>

#include "text/espeak_symbols.h"
#include "text/markup.h"
#include "text/utf8.h"

namespace hearth::text {
namespace {

using base::Code;
using base::Result;
using View = std::u32string_view;

constexpr std::size_t kLongestRun = 1000;  // characters for one call of the fallback

// The mark that Kokoro has for one of any script; 0 for what is not a mark.
char32_t mark_of(char32_t c) {
  constexpr View kFrom = U";:,.!?—…\"“”()«»。．，、；：！？（）「」『』《》।॥،؛؟–";
  constexpr View kTo = U";:,.!?—…\"“”()“”..,,;:!?()“”“”“”..,;?—";
  static_assert(kFrom.size() == kTo.size());
  const auto at = kFrom.find(c);
  return at == View::npos ? 0 : kTo[at];
}

bool is_silent(char32_t c) { return is_pictograph(c) || View{U"¡¿{}[]*_#|~<>^`\\"}.find(c) != View::npos; }

// A stop or comma between digits, and a colon in a time, belong to the number.
bool is_inside_number(View text, std::size_t at) {
  return View{U".,:"}.find(text[at]) != View::npos && at > 0 && at + 1 < text.size() && is_digit(text[at - 1]) &&
         is_digit(text[at + 1]);
}

class Reader {
 public:
  Reader(Language language, const PhonemeFallback& fallback) : language_(language), fallback_(fallback) {}

  Result<void> read(View text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char32_t c = text[at];
      const char32_t mark = is_inside_number(text, at) ? 0 : mark_of(c);
      if (mark != 0) {
        if (auto said = say_run(); !said) return said;
        put_mark(mark, at > 0 && is_space(text[at - 1]));
      } else if (is_silent(c)) {
        run_ += U' ';
      } else {
        run_ += c;
        if (run_.size() >= kLongestRun && (is_space(c) || run_.size() >= 2 * kLongestRun)) {
          if (auto said = say_run(); !said) return said;
        }
      }
    }
    return say_run();
  }

  void put(PhonesView phones) {
    if (!out_.empty() && out_.back() != U' ' && !tight_) out_ += U' ';
    out_ += phones;
    tight_ = false;
  }

  Phones out_;

 private:
  Result<void> say_run() {
    View run = run_;
    while (!run.empty() && is_space(run.front())) run.remove_prefix(1);
    while (!run.empty() && is_space(run.back())) run.remove_suffix(1);
    if (!run.empty()) {
      const Result<std::string> ipa = fallback_.transcribe(to_utf8(run), language_);
      if (!ipa) return base::fail(ipa.error());
      if (!ipa->empty()) put(foreign_from_espeak(from_utf8(*ipa), language_));
    }
    run_.clear();
    return {};
  }

  void put_mark(char32_t mark, bool after_blank) {
    const bool opens = mark == U'“' || mark == U'(' || (mark == U'"' && (after_blank || out_.empty()));
    if (opens || mark == U'—') {
      if (!out_.empty() && out_.back() != U' ') out_ += U' ';
      tight_ = opens;
    }
    out_ += mark;
  }

  const Language language_;
  const PhonemeFallback& fallback_;
  std::u32string run_;  // text to be said
  bool tight_ = false;  // nothing stands between an opening mark and its word
};

}  // namespace

Result<std::string> read_foreign(View sentence, Language language, const PhonemeFallback* fallback) {
  if (fallback == nullptr) {
    return base::fail(Code::kUnsupported, fmt::format("espeak-ng is needed for {}", language_code(language)),
                      "install it: apt-get install libespeak-ng1");
  }
  const Marked marked = take_markup(sentence);
  Reader reader{language, *fallback};
  std::size_t done = 0;
  for (const Wish& wish : marked.wishes) {
    if (!wish.phonemes) continue;
    if (auto read = reader.read(View{marked.text}.substr(done, wish.begin - done)); !read)
      return base::fail(read.error());
    reader.put(*wish.phonemes);
    done = wish.end;
  }
  if (auto read = reader.read(View{marked.text}.substr(done)); !read) return base::fail(read.error());
  return to_utf8(reader.out_);
}

}  // namespace hearth::text
