#include "startup/journal.h"

#include <algorithm>
#include <chrono>

#include "base/files.h"
#include "base/log.h"
#include "base/number_file.h"

namespace hearth::startup {
namespace {

constexpr std::string_view kTitle = "hearth-journal 1";
constexpr std::size_t kMaxTasks = base::kMaxNumbers;
constexpr base::Bytes kMaxBytes{256 << 10};
constexpr base::Duration kMaxDuration = std::chrono::hours{24};

std::int64_t micros(base::Duration duration) {
  return std::chrono::duration_cast<base::Micros>(std::clamp(duration, base::Duration{0}, kMaxDuration)).count();
}

}  // namespace

std::string format_journal(const Durations& durations) {
  base::Numbers numbers;
  for (const auto& [name, duration] : durations) numbers.emplace(name, micros(duration));
  return base::format_numbers(kTitle, numbers);
}

Durations parse_journal(std::string_view text) {
  Durations durations;
  for (const auto& [name, number] : base::parse_numbers(kTitle, text, micros(kMaxDuration))) {
    durations.emplace(name, base::Micros{number});
  }
  return durations;
}

Durations merge_durations(const Durations& last, const Durations& now) {
  Durations merged = now;
  if (merged.size() > kMaxTasks) merged.erase(std::next(merged.begin(), kMaxTasks), merged.end());
  for (const auto& [name, before] : last) {
    if (const auto found = merged.find(name); found != merged.end()) {
      found->second = (found->second + before) / 2;
    } else if (merged.size() < kMaxTasks) {
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
