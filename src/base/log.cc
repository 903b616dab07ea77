#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <string>

namespace hearth::base {
namespace {

std::atomic<LogLevel> threshold{LogLevel::kWarning};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("hearth", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
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
