#pragma once

// From the text that a person wrote to a value, and back. Every source speaks text (a TOML number is read as its
// digits), so that one reader and one complaint serve flags, variables and files alike. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace hearth::config {

/// One setting as it was written. A flag or variable is one item that a list setting splits at its commas.
struct Value {
  std::vector<std::string> items;
  bool is_list = false;  // a TOML array
  [[nodiscard]] std::string text() const;
};

/// Whole numbers, without sign games or trailing text.
[[nodiscard]] std::optional<std::int64_t> read_int(std::string_view text);
[[nodiscard]] std::optional<double> read_number(std::string_view text);
/// true/false, yes/no, on/off, 1/0, in any case.
[[nodiscard]] std::optional<bool> read_bool(std::string_view text);
/// "300" (seconds), "250 ms", "30s", "5 min", "2h", "7d". Not negative, at most ten years.
[[nodiscard]] std::optional<base::Millis> read_duration(std::string_view text);
/// "1048576", "512 KB", "1 MiB", "2GB": k, M, G, T; with "i" or without "B" 1024s, as in "64k"; KB, MB, … are 1000s.
[[nodiscard]] std::optional<base::Bytes> read_bytes(std::string_view text);

/// The shortest spelling that reads back as the same value: "300s", "5min", "1 MiB".
[[nodiscard]] std::string show(base::Millis duration);
[[nodiscard]] std::string show(base::Bytes bytes);
[[nodiscard]] std::string show(double number);

[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

}  // namespace hearth::config
