#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hearth::config {

/// The candidate nearest to `word` (Damerau-Levenshtein, case ignored), or empty when none is near enough to be meant.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// `did you mean "port"?`, or empty.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace hearth::config
