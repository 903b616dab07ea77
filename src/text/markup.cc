#include "text/markup.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/tokens.h"
#include "text/utf8.h"

namespace hearth::text {
namespace {

using View = std::u32string_view;
constexpr std::size_t kLongestLink = 2048;  // brackets farther apart than this are no link

std::optional<float> as_stress(View wish) {
  const bool minus = !wish.empty() && wish[0] == U'-';
  if (!wish.empty() && (wish[0] == U'-' || wish[0] == U'+')) wish.remove_prefix(1);
  if (wish == U"0.5") return minus ? -0.5F : 0.5F;
  if (wish.empty() || !std::all_of(wish.begin(), wish.end(), is_digit)) return std::nullopt;
  const float size =
      wish.size() > 1 ? 2.0F : std::min(2.0F, static_cast<float>(wish[0] - U'0'));  // beyond 2 nothing changes
  return minus ? -size : size;
}

bool is_tie(char32_t c) { return c == U'\u0361' || c == U'\u035C'; }

/// Two sounds that a tie joins, where Kokoro has one symbol for both; else nothing.
std::optional<char32_t> joined_by_tie(View three) {
  constexpr View kFirst = U"tdtdtd";
  constexpr View kSecond = U"ʃʒszɕʑ";
  constexpr View kBoth = U"ʧʤʦʣʨʥ";
  if (three.size() < 3 || !is_tie(three[1])) return std::nullopt;
  for (std::size_t i = 0; i < kBoth.size(); ++i) {
    if (three[0] == kFirst[i] && three[2] == kSecond[i]) return kBoth[i];
  }
  return std::nullopt;
}

// People type g for ɡ and tie t͡ʃ together, and composing has joined a vowel with its tilde, which are two symbols of
// Kokoro's.
std::u32string in_kokoros_symbols(View phonemes) {
  constexpr View kJoined = U"\u00E3\u1EBD\u0129\u00F5\u0169\u1EF9\u1E7D\u00F1\u00C3\u0128\u00D5";
  constexpr View kBases = U"aeiouyvnAIO";
  static_assert(kJoined.size() == kBases.size());
  std::u32string out;
  for (std::size_t i = 0; i < phonemes.size(); ++i) {
    const char32_t c = phonemes[i];
    const auto joined = kJoined.find(c);
    if (const auto both = joined_by_tie(phonemes.substr(i, 3))) {
      out += *both;
      i += 2;
    } else if (is_tie(c)) {
      continue;
    } else if (joined != View::npos) {
      (out += kBases[joined]) += U'\u0303';
    } else if (is_space(c)) {
      out += U' ';
    } else {
      out += c == U'g' ? U'ɡ' : c;
    }
  }
  return out;
}

std::optional<Wish> as_wish(View text) {
  Wish wish;
  wish.stress = as_stress(text);
  if (wish.stress) return wish;
  const auto between = [text](char32_t mark) -> std::optional<View> {
    if (text.size() < 2 || text.front() != mark || text.back() != mark) return std::nullopt;
    View inner = text;
    while (!inner.empty() && inner.front() == mark) inner.remove_prefix(1);
    while (!inner.empty() && inner.back() == mark) inner.remove_suffix(1);
    return inner;
  };
  if (const auto phonemes = between(U'/'); phonemes && phonemes->find(U'/') == View::npos) {  // not "/a/path/"
    wish.phonemes = in_kokoros_symbols(*phonemes);
    return wish;
  }
  if (const auto flags = between(U'#')) {
    wish.number_flags = to_utf8(*flags);
    return wish;
  }
  return std::nullopt;
}

}  // namespace

Marked take_markup(View text) {
  Marked marked;
  marked.text.reserve(text.size());
  // Where the next ] and ) are: asked in rising order, so that a text of brackets alone stays linear.
  const auto finder = [text](char32_t mark) {
    return [text, mark, at = std::size_t{0}](std::size_t from) mutable {
      if (at < from) at = from;
      while (at < text.size() && text[at] != mark) ++at;
      return at;
    };
  };
  auto find_close = finder(U']');
  auto find_end = finder(U')');
  std::size_t done = 0;
  for (std::size_t open = text.find(U'['); open != View::npos; open = text.find(U'[', std::max(open + 1, done))) {
    const std::size_t close = find_close(open);
    if (close < open + 2 || close + 1 >= text.size() || text[close + 1] != U'(') continue;
    const std::size_t end = find_end(close + 2);
    if (end == text.size() || end - open > kLongestLink) continue;
    marked.text += text.substr(done, open - done);
    const std::size_t begin = marked.text.size();
    marked.text += text.substr(open + 1, close - open - 1);
    if (auto wish = as_wish(text.substr(close + 2, end - close - 2))) {
      wish->begin = begin;
      wish->end = marked.text.size();
      marked.wishes.push_back(std::move(*wish));
    }
    done = end + 1;
  }
  marked.text += text.substr(done);
  return marked;
}

base::Result<void> check_phonemes(const Marked& marked) {
  for (const Wish& wish : marked.wishes) {
    if (!wish.phonemes) continue;
    const View phonemes = *wish.phonemes;
    const auto unknown = std::find_if(phonemes.begin(), phonemes.end(), [](char32_t c) { return !find_token_id(c); });
    if (unknown == phonemes.end()) continue;
    constexpr std::size_t kMostShown = 40;
    return base::fail(base::Code::kInvalidArgument,
                      fmt::format("the phonemes /{}/ hold {} (U+{:04X}), for which the voices have no sound",
                                  to_utf8(phonemes.substr(0, kMostShown)), to_utf8(View{&*unknown, 1}),
                                  static_cast<unsigned>(*unknown)),
                      "write it with the symbols that docs/languages.md lists");
  }
  return {};
}

}  // namespace hearth::text
