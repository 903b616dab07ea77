#pragma once

// Reading of small text files below /proc and /sys, and of the numbers in them.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::startup {

/// At most the first 16 KiB; empty where it cannot be read. Such files report no size, so it is read to its end.
[[nodiscard]] std::string read_small_file(const std::filesystem::path& path);

/// The number that `text` begins with, spaces before it allowed.
[[nodiscard]] inline std::optional<std::int64_t> leading_number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

/// The number after `key` on the line that begins with it: "MemTotal:" in "MemTotal:  123 kB".
[[nodiscard]] std::optional<std::int64_t> number_after(std::string_view text, std::string_view key);

}  // namespace hearth::startup
