#include "text/subwords.h"

#include "text/utf8.h"

namespace hearth::text {
namespace {

using View = std::u32string_view;

bool is_apostrophe(char32_t c) { return c == U'\'' || c == U'‘' || c == U'’'; }
bool is_hyphen(char32_t c) { return c == U'-' || c == U'_'; }

std::size_t run_of(View word, std::size_t at, bool (*is)(char32_t)) {
  std::size_t end = at;
  while (end < word.size() && is(word[end])) ++end;
  return end - at;
}

// Digits with single commas or stops before digits; a minus only at the very beginning.
std::size_t number_at(View word, std::size_t at) {
  std::size_t end = at;
  if (at == 0 && word[0] == U'-') ++end;
  const std::size_t begin = end;
  while (end < word.size()) {
    if (is_digit(word[end])) {
      ++end;
    } else if ((word[end] == U',' || word[end] == U'.') && end + 1 < word.size() && is_digit(word[end + 1])) {
      end += 2;
    } else {
      break;
    }
  }
  return end == begin ? 0 : end - at;
}

// An apostrophe and one letter, as often as they follow each other.
std::size_t clitics_at(View word, std::size_t at) {
  std::size_t end = at;
  while (end + 1 < word.size() && is_apostrophe(word[end]) && is_letter(word[end + 1])) end += 2;
  return end - at;
}

// The shortest piece from `at` that ends with a small letter before a capital ("Mc" of "McDonald").
std::size_t camel_at(View word, std::size_t at, std::size_t letters) {
  const auto ends_here = [&](std::size_t i) {
    return i + 1 < word.size() && is_lower(word[i]) && is_upper(word[i + 1]);
  };
  for (std::size_t i = at; i < at + letters; ++i) {
    if (ends_here(i)) return i + 1 - at;
  }
  const std::size_t end = at + letters;
  for (std::size_t i = end; i + 1 < word.size() && is_apostrophe(word[i]) && is_letter(word[i + 1]); i += 2) {
    if (ends_here(i + 2)) return i + 3 - at;
  }
  return 0;
}

}  // namespace

std::vector<View> cut_subwords(View word) {
  std::vector<View> pieces;
  std::size_t at = 0;
  while (at < word.size()) {
    const char32_t c = word[at];
    const std::size_t apostrophes = run_of(word, at, is_apostrophe);
    const std::size_t letters = run_of(word, at, is_letter);
    std::size_t size = 0;
    if (apostrophes > 0) {
      size = at == 0 || apostrophes >= 2 || at + apostrophes == word.size() ? apostrophes : 0;
      // NOLINTNEXTLINE(bugprone-branch-clone): the order of the cases is the rule
    } else if (letters > 1 && is_upper(c) && is_upper(word[at + 1]) && at + 2 < word.size() && is_lower(word[at + 2])) {
      size = 1;
    } else if (const std::size_t number = number_at(word, at); number > 0) {
      size = number;
    } else if (is_hyphen(c)) {
      size = run_of(word, at, is_hyphen);
    } else if (letters > 0) {
      size = camel_at(word, at, letters);
      if (size == 0) size = letters + clitics_at(word, at + letters);
    } else {
      size = 1;
    }
    if (size == 0) {
      at += 1;
      continue;
    }
    pieces.push_back(word.substr(at, size));
    at += size;
  }
  return pieces;
}

}  // namespace hearth::text
