#include "base/log.h"

#include <spdlog/details/os.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

#include "base/line_writer.h"

namespace hearth::base {
namespace {

std::atomic<LogLevel> threshold{LogLevel::kWarning};

std::string_view colour_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::debug:
      return "\033[36m";  // cyan
    case spdlog::level::info:
      return "\033[32m";  // green
    case spdlog::level::warn:
      return "\033[33m\033[1m";  // yellow, bold
    default:
      return "\033[31m\033[1m";  // red, bold
  }
}

/// spdlog's own writes until the reader has taken the line, however long that is.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    std::string line(formatted.data(), formatted.size());
    if (has_colours_ && message.color_range_end > message.color_range_start) {
      line.insert(message.color_range_end, "\033[m");
      line.insert(message.color_range_start, colour_of(message.level));
    }
    writer_.write(line);
  }
  void flush_() override {}

  LineWriter writer_{STDERR_FILENO};  // under the sink's mutex
  const bool has_colours_ = spdlog::details::os::in_terminal(stderr) && spdlog::details::os::is_color_terminal();
};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("hearth", std::make_shared<StderrSink>());
    made->set_pattern("%H:%M:%S.%e %^%L%$ %v");
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

}  // namespace

void set_log_level(LogLevel level) { threshold.store(level, std::memory_order_relaxed); }
bool log_enabled(LogLevel level) { return level >= threshold.load(std::memory_order_relaxed); }

void log_line(LogLevel level, std::string_view line) {
  constexpr std::size_t kLongest = 4096;  // a hostile name must not fill the log
  const std::string_view shown = line.substr(0, kLongest);
  switch (level) {
    case LogLevel::kDebug:
      return logger().debug(shown);
    case LogLevel::kInfo:
      return logger().info(shown);
    case LogLevel::kWarning:
      return logger().warn(shown);
    case LogLevel::kError:
      return logger().error(shown);
    case LogLevel::kOff:
      return;
  }
}

}  // namespace hearth::base
