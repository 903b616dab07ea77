#include "base/number_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace hearth::base {
namespace {

/// Cuts the first line off `text`; nullopt where no line end is left, so a truncated last line is seen.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

bool is_plain(std::string_view name) {
  return !name.empty() && std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace

std::string format_numbers(std::string_view title, const Numbers& numbers) {
  std::string text(title);
  text += '\n';
  std::size_t lines = 0;
  for (const auto& [name, number] : numbers) {
    if (!is_plain(name) || number < 0 || lines == kMaxNumbers) continue;
    fmt::format_to(std::back_inserter(text), "{} {}\n", number, name);
    ++lines;
  }
  fmt::format_to(std::back_inserter(text), "end {}\n", lines);
  return text;
}

Numbers parse_numbers(std::string_view title, std::string_view text, std::int64_t most) {
  Numbers numbers;
  if (take_line(text) != title) return {};
  while (const auto line = take_line(text)) {
    std::int64_t number = 0;
    if (line->starts_with("end ")) {
      const std::string_view count = line->substr(4);
      const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), number);
      const bool whole = error == std::errc{} && end == count.data() + count.size() && text.empty() &&
                         number == static_cast<std::int64_t>(numbers.size());
      return whole ? numbers : Numbers{};
    }
    const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), number);
    const auto used = static_cast<std::size_t>(end - line->data());
    if (error != std::errc{} || number < 0 || number > most || numbers.size() == kMaxNumbers) return {};
    if (used >= line->size() || (*line)[used] != ' ' || !is_plain(line->substr(used + 1))) return {};
    numbers.emplace(line->substr(used + 1), number);
  }
  return {};  // no "end": cut short
}

}  // namespace hearth::base
