#include "text/markup.h"

#include <algorithm>

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
  if (const auto phonemes = between(U'/')) {
    wish.phonemes.emplace(*phonemes);
    for (char32_t& c : *wish.phonemes) c = is_space(c) ? U' ' : c;
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

}  // namespace hearth::text
