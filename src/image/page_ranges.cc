#include "image/page_ranges.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace hearth::image {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::size_t kMostSpans = 1'000;

std::optional<int> number_of(std::string_view word) {
  int number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  const bool is_number = error == std::errc() && end == word.data() + word.size() && number >= 1;
  return is_number ? std::optional(number) : std::nullopt;
}

std::string_view trimmed(std::string_view word) {
  while (word.starts_with(' ')) word.remove_prefix(1);
  while (word.ends_with(' ')) word.remove_suffix(1);
  return word;
}

std::optional<PageRanges::Span> span_of(std::string_view word) {
  const std::size_t dash = word.find('-');
  const auto first = number_of(trimmed(word.substr(0, dash)));
  if (!first || dash == std::string_view::npos) {
    return first ? std::optional(PageRanges::Span{*first, *first}) : std::nullopt;
  }
  const std::string_view end = trimmed(word.substr(dash + 1));
  const auto last = end.empty() ? std::optional(PageRanges::kToTheEnd) : number_of(end);
  if (!last || *last < *first) return std::nullopt;
  return PageRanges::Span{*first, *last};
}

}  // namespace

Result<PageRanges> PageRanges::parse(std::string_view text) {
  if (trimmed(text).empty()) return PageRanges();
  std::vector<Span> found;
  for (bool has_more = true; has_more;) {
    const std::size_t comma = text.find(',');
    has_more = comma != std::string_view::npos;
    const auto span = span_of(trimmed(text.substr(0, comma)));
    if (!span || found.size() == kMostSpans) {
      return fail(Code::kInvalidArgument, "the pages must be numbers and ranges from 1 on", "such as 1-3,7 or 5-");
    }
    found.push_back(*span);
    if (has_more) text.remove_prefix(comma + 1);
  }
  std::sort(found.begin(), found.end(), [](const Span& a, const Span& b) { return a.first < b.first; });
  std::vector<Span> joined;
  for (const Span& span : found) {
    if (!joined.empty() && span.first <= joined.back().last) {
      joined.back().last = std::max(joined.back().last, span.last);
    } else {
      joined.push_back(span);
    }
  }
  return PageRanges(std::move(joined));
}

Result<PageRanges> PageRanges::within(int count, int most) const {
  std::vector<Span> inside;
  std::int64_t sum = 0;
  for (const Span& span : spans_) {
    const int named = span.last == kToTheEnd ? span.first : span.last;
    if (named > count) {
      return fail(Code::kInvalidArgument, "the file has " + std::to_string(count) + (count == 1 ? " page" : " pages") +
                                              ", and page " + std::to_string(named) + " was asked for");
    }
    inside.push_back({span.first, std::min(span.last, count)});
    sum += inside.back().last - span.first + 1;
  }
  if (sum > most) {
    return fail(
        Code::kInvalidArgument,
        "these are " + std::to_string(sum) + " pages, and at most " + std::to_string(most) + " are read at once",
        "name fewer in 'pages', such as 1-" + std::to_string(most));
  }
  return PageRanges(std::move(inside));
}

int PageRanges::next_after(int number) const {
  for (const Span& span : spans_) {
    if (span.last > number) return std::max(span.first, number + 1);
  }
  return 0;
}

std::string PageRanges::text_after(int number) const {
  std::string text;
  for (const Span& span : spans_) {
    if (span.last <= number) continue;
    if (!text.empty()) text += ',';
    text += std::to_string(std::max(span.first, number + 1)) + '-';
    if (span.last != kToTheEnd) text += std::to_string(span.last);
  }
  return text;
}

}  // namespace hearth::image
