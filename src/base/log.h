#pragma once

// One log, on standard error: standard output belongs to what a verb prints. Lines are short, one event each, no
// secrets.

#include <fmt/core.h>

#include <string_view>

namespace hearth::base {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

/// Called once by main before any thread starts; without it only warnings and errors are written.
void set_log_level(LogLevel level);
[[nodiscard]] bool log_enabled(LogLevel level);
/// Any thread. Never throws. Waits a fifth of a second at the most for whoever reads standard error, and then not again
/// until it is read again: what is lost meanwhile is counted, and told (line_writer.h). So the log may be written where
/// nothing may block: on a strand, on the I/O thread.
void log_line(LogLevel level, std::string_view line);

template <typename... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level)) log_line(level, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kDebug, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kInfo, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kWarning, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kError, format, std::forward<Args>(args)...);
}

}  // namespace hearth::base
