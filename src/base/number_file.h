#pragma once

// A small text file of numbers by name, for what is a hint to the next start: nothing but a whole and right file
// counts.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace hearth::base {

using Numbers = std::map<std::string, std::int64_t, std::less<>>;

inline constexpr std::size_t kMaxNumbers = 1000;

/// PURE. `title`, then "<number> <name>" sorted by name, then "end <lines>", a line each. Names with control characters
/// and numbers below 0 are left out, and what is beyond kMaxNumbers.
[[nodiscard]] std::string format_numbers(std::string_view title, const Numbers& numbers);
/// PURE. Empty on any damage, another title or a number beyond `most`: a truncated file must not count for a half.
[[nodiscard]] Numbers parse_numbers(std::string_view title, std::string_view text, std::int64_t most);

}  // namespace hearth::base
