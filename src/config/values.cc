#include "config/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

namespace hearth::config {
namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

/// "12.5 MiB" to 12.5 and "mib". The number has digits, at most one point, and no exponent.
std::optional<std::pair<double, std::string>> number_and_unit(std::string_view text) {
  text = trimmed(text);
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = read_number(text.substr(0, end));
  if (!number) return std::nullopt;
  return std::pair{*number, lowered(trimmed(text.substr(end)))};
}

struct Unit {
  std::string_view name;
  std::int64_t size;
};

constexpr std::array kDurationUnits{
    Unit{"", 1000},    Unit{"ms", 1},       Unit{"s", 1000},      Unit{"sec", 1000},
    Unit{"m", 60'000}, Unit{"min", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000},
};
constexpr std::array kByteUnits{
    Unit{"", 1},          Unit{"b", 1},           Unit{"kb", 1000},
    Unit{"k", 1 << 10},   Unit{"kib", 1 << 10},   Unit{"mb", 1'000'000},
    Unit{"m", 1 << 20},   Unit{"mib", 1 << 20},   Unit{"gb", 1'000'000'000},
    Unit{"g", 1 << 30},   Unit{"gib", 1 << 30},   Unit{"tb", 1'000'000'000'000},
    Unit{"t", 1LL << 40}, Unit{"tib", 1LL << 40},
};

template <std::size_t N>
std::optional<std::int64_t> in_units(std::string_view text, const std::array<Unit, N>& units, double limit) {
  const auto parsed = number_and_unit(text);
  if (!parsed) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != parsed->second) continue;
    const double value = parsed->first * static_cast<double>(unit.size);
    if (value > limit) return std::nullopt;
    return std::llround(value);
  }
  return std::nullopt;
}

}  // namespace

std::string Value::text() const {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += ",";
    out += item;
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = trimmed(text.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

std::optional<std::int64_t> read_int(std::string_view text) {
  text = trimmed(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> read_number(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.find_first_not_of("-0123456789.") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> read_bool(std::string_view text) {
  const std::string word = lowered(trimmed(text));
  for (const char* yes : {"true", "yes", "on", "1"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"false", "no", "off", "0"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::optional<base::Millis> read_duration(std::string_view text) {
  const auto millis = in_units(text, kDurationUnits, 3650.0 * 86'400'000.0);
  if (!millis) return std::nullopt;
  return base::Millis{*millis};
}

std::optional<base::Bytes> read_bytes(std::string_view text) {
  const auto count = in_units(text, kByteUnits, 1e15);
  if (!count) return std::nullopt;
  return base::Bytes{*count};
}

std::string show(base::Millis duration) {
  const std::int64_t millis = duration.count();
  if (millis == 0) return "0s";
  if (millis % 86'400'000 == 0) return fmt::format("{}d", millis / 86'400'000);
  if (millis % 3'600'000 == 0) return fmt::format("{}h", millis / 3'600'000);
  if (millis % 1000 == 0) return fmt::format("{}s", millis / 1000);
  return fmt::format("{}ms", millis);
}

std::string show(base::Bytes bytes) {
  const std::int64_t count = bytes.count;
  for (const auto& [name, shift] : {std::pair{"GiB", 30}, std::pair{"MiB", 20}, std::pair{"KiB", 10}}) {
    if (count != 0 && count % (std::int64_t{1} << shift) == 0) return fmt::format("{} {}", count >> shift, name);
  }
  return fmt::format("{}", count);
}

std::string show(double number) { return fmt::format("{:g}", number); }

}  // namespace hearth::config
