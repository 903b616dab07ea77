#include "text/passages.h"

#include <algorithm>
#include <iterator>

#include "text/utf8.h"

namespace hearth::text {
namespace {

using View = std::u32string_view;

constexpr View kAbbreviations[] = {U"mr",  U"mrs",    U"ms",  U"dr",  U"prof", U"st",     U"mt",  U"gen", U"gov",
                                   U"sen", U"rep",    U"rev", U"hon", U"capt", U"col",    U"lt",  U"sgt", U"maj",
                                   U"adm", U"messrs", U"vs",  U"no",  U"fig",  U"vol",    U"pp",  U"ch",  U"sec",
                                   U"jan", U"feb",    U"mar", U"apr", U"jun",  U"jul",    U"aug", U"sep", U"sept",
                                   U"oct", U"nov",    U"dec", U"e.g", U"i.e",  U"approx", U"cf",  U"al"};

View trimmed(View text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_end(char32_t c) {
  return c == U'.' || c == U'!' || c == U'?' || c == U'…' || c == U'。' || c == U'！' || c == U'？' || c == U'।';
}
bool is_closing(char32_t c) { return View{U"\"'”’)]»」』"}.find(c) != View::npos; }

// The stop at `at` is part of the word before it.
bool is_abbreviated(View text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && at - begin < 12 && (is_letter(text[begin - 1]) || text[begin - 1] == U'.')) --begin;
  const View word = text.substr(begin, at - begin);
  if (word.size() == 1 && is_upper(word[0]) && word[0] != U'I') return true;  // an initial
  const std::u32string lowered = to_lower(word);
  return std::find(std::begin(kAbbreviations), std::end(kAbbreviations), View{lowered}) != std::end(kAbbreviations);
}

// "- ", "* ", "• ", "## " or "12. " in front of a list's item or a heading: its length with the blank, 0 for none.
std::size_t marker_length(View line) {
  std::size_t size = 0;
  if (!line.empty() && View{U"-*•–"}.find(line[0]) != View::npos) {
    size = 1;
  } else {
    while (size < line.size() && size < 6 && line[size] == U'#') ++size;
  }
  return size > 0 && size < line.size() && is_space(line[size]) ? size + 1 : 0;
}
bool is_numbered(View line) {
  std::size_t digits = 0;
  while (digits < line.size() && digits < 3 && is_digit(line[digits])) ++digits;
  return digits > 0 && digits + 1 < line.size() && (line[digits] == U'.' || line[digits] == U')') &&
         is_space(line[digits + 1]);
}

}  // namespace

std::vector<View> cut_paragraphs(View text) {
  std::vector<View> paragraphs;
  std::size_t begin = 0, at = 0;
  const auto add = [&](std::size_t end) {
    View paragraph = trimmed(text.substr(begin, end - begin));
    paragraph = trimmed(paragraph.substr(marker_length(paragraph)));
    if (!paragraph.empty()) paragraphs.push_back(paragraph);
  };
  while (at < text.size()) {
    if (text[at] != U'\n' && text[at] != 0x2029) {
      ++at;
      continue;
    }
    const std::size_t end = at;
    std::size_t breaks = 0;
    for (; at < text.size() && is_space(text[at]); ++at) breaks += text[at] == U'\n' ? 1 : text[at] == 0x2029 ? 2 : 0;
    const View line = text.substr(at, 8);
    const bool heading = text.substr(begin, 8)[0] == U'#' && marker_length(text.substr(begin, 8)) > 0;
    if (breaks < 2 && !heading && marker_length(line) == 0 && !is_numbered(line)) continue;
    add(end);
    begin = at;
  }
  add(text.size());
  return paragraphs;
}

std::vector<View> cut_sentences(View paragraph, std::size_t longest) {
  std::vector<View> sentences;
  std::size_t begin = 0, last_blank = 0;
  const auto add = [&](std::size_t end) {
    if (const View sentence = trimmed(paragraph.substr(begin, end - begin)); !sentence.empty())
      sentences.push_back(sentence);
    begin = end;
  };
  for (std::size_t at = 0; at < paragraph.size(); ++at) {
    const char32_t c = paragraph[at];
    if (is_space(c)) last_blank = at;
    if (at - begin >= longest && last_blank > begin) add(last_blank);
    if (!is_end(c)) continue;
    std::size_t end = at + 1;
    while (end < paragraph.size() && (is_end(paragraph[end]) || is_closing(paragraph[end]))) ++end;
    const bool wide = c > 0x2FFF;  // their sentences are not followed by blanks
    if (end == paragraph.size() || (!wide && !is_space(paragraph[end]))) continue;
    if (c == U'.' && end == at + 1 && is_abbreviated(paragraph, at)) continue;
    std::size_t next = end;
    while (next < paragraph.size() && is_space(paragraph[next])) ++next;
    if (next == paragraph.size() || is_lower(paragraph[next])) continue;
    add(end);
    at = end - 1;
  }
  add(paragraph.size());
  return sentences;
}

}  // namespace hearth::text
