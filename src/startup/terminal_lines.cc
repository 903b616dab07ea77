#include "startup/terminal_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace hearth::startup {
namespace {

/// Columns of UTF-8 text where each character takes one.
std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return columns;
}

std::string_view outcome(const TaskRun& run) {
  return run.state == TaskState::kDone ? "ready" : task_state_name(run.state);
}

}  // namespace

std::string duration_text(base::Duration duration) {
  const double seconds = std::max(base::to_seconds(duration), 0.0);
  if (seconds < 0.9995e-3) return fmt::format("{:.0f} µs", seconds * 1e6);
  if (seconds < 9.95e-3) return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 9.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 99.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long long>(std::llround(seconds));
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

std::string task_line(const TaskRun& run, std::size_t done, std::size_t total, std::size_t title_width) {
  const std::string& title = run.title.empty() ? run.name : run.title;
  const std::size_t columns = columns_of(title);
  std::string line = fmt::format("[{:{}}/{}] {}{:{}}  {}", done, std::to_string(total).size(), total, title, "",
                                 title_width > columns ? title_width - columns : 0, outcome(run));
  if (run.begin && run.end) line += "  " + duration_text(*run.end - *run.begin);
  if (run.state == TaskState::kDone) {
    if (run.tries > 1) line += fmt::format("  ({} tries)", run.tries);
  } else if (run.error) {
    line += "  " + run.error->line();
  }
  return line;
}

}  // namespace hearth::startup
