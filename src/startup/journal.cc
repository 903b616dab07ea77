#include "startup/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>

#include "base/files.h"
#include "base/log.h"

namespace hearth::startup {
namespace {

constexpr std::string_view kFirstLine = "hearth-journal 1";
constexpr std::size_t kMaxLines = 1000;
constexpr base::Bytes kMaxBytes{256 << 10};
constexpr base::Duration kMaxDuration = std::chrono::hours{24};

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

std::string format_journal(const Durations& durations) {
  std::string text{kFirstLine};
  text += '\n';
  std::size_t lines = 0;
  for (const auto& [name, duration] : durations) {
    if (!is_plain(name) || lines == kMaxLines) continue;
    const auto micros = std::chrono::duration_cast<base::Micros>(std::clamp(duration, base::Duration{0}, kMaxDuration));
    fmt::format_to(std::back_inserter(text), "{} {}\n", micros.count(), name);
    ++lines;
  }
  fmt::format_to(std::back_inserter(text), "end {}\n", lines);
  return text;
}

Durations parse_journal(std::string_view text) {
  Durations durations;
  if (take_line(text) != kFirstLine) return {};
  while (const auto line = take_line(text)) {
    std::int64_t number = 0;
    if (line->starts_with("end ")) {
      const std::string_view count = line->substr(4);
      const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), number);
      const bool whole = error == std::errc{} && end == count.data() + count.size() && text.empty() &&
                         number == static_cast<std::int64_t>(durations.size());
      return whole ? durations : Durations{};
    }
    const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), number);
    const auto used = static_cast<std::size_t>(end - line->data());
    if (error != std::errc{} || number < 0 || base::Micros{number} > kMaxDuration || durations.size() == kMaxLines)
      return {};
    if (used >= line->size() || (*line)[used] != ' ' || !is_plain(line->substr(used + 1))) return {};
    durations.emplace(line->substr(used + 1), base::Micros{number});
  }
  return {};  // no "end": cut short
}

Durations merge_durations(const Durations& last, const Durations& now) {
  Durations merged = now;
  if (merged.size() > kMaxLines) merged.erase(std::next(merged.begin(), kMaxLines), merged.end());
  for (const auto& [name, before] : last) {
    if (const auto found = merged.find(name); found != merged.end()) {
      found->second = (found->second + before) / 2;
    } else if (merged.size() < kMaxLines) {
      merged.emplace(name, before);
    }
  }
  return merged;
}

std::filesystem::path journal_path(const std::filesystem::path& state_folder) {
  return state_folder / "startup.journal";
}

Durations load_journal(const std::filesystem::path& path) {
  const auto text = base::read_file(path, kMaxBytes);
  if (!text) return {};
  Durations durations = parse_journal(*text);
  if (durations.empty()) base::log_debug("start: {} is damaged or empty; its durations are not used", path.string());
  return durations;
}

base::Result<void> save_journal(const std::filesystem::path& path, const Durations& durations) {
  return base::write_file_atomically(path, format_journal(durations));
}

}  // namespace hearth::startup
