#include "startup/process_start.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <span>

namespace hearth::startup {
namespace {

using std::chrono::nanoseconds;

/// The number in the `index`-th field of space-separated text, from 0.
std::optional<std::int64_t> number_at(std::string_view text, int index) {
  for (int i = 0; i < index; ++i) {
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    text.remove_prefix(space + 1);
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

/// /proc/self/stat's fields from the third on: the second is the program's name in brackets, which may hold anything.
std::string_view after_name(std::string_view stat) {
  const std::size_t bracket = stat.rfind(')');
  return bracket == std::string_view::npos || bracket + 2 > stat.size() ? std::string_view{} : stat.substr(bracket + 2);
}

std::string_view read_small(const char* path, std::span<char> space) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const ssize_t size = ::read(fd, space.data(), space.size());
  ::close(fd);
  return size > 0 ? std::string_view(space.data(), static_cast<std::size_t>(size)) : std::string_view{};
}

nanoseconds read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
}

}  // namespace

ProcessStart estimate_process_start(const StartReadings& readings) {
  constexpr int kMajorFaults = 12 - 3, kStartTime = 22 - 3;  // as proc(5) counts, less what after_name() took
  const std::string_view stat = after_name(readings.stat);
  const auto major_faults = number_at(stat, kMajorFaults);
  const auto start_ticks = number_at(stat, kStartTime);
  const auto run_delay = number_at(readings.schedstat, 1);
  const std::int64_t per_second = std::max<std::int64_t>(readings.ticks_per_second, 1);

  ProcessStart start{readings.main, readings.main, StartAccuracy::kUnknown};
  std::optional<base::Duration> since_tick;
  if (start_ticks && *start_ticks >= 0 && *start_ticks / per_second < 1'000'000'000) {
    const auto tick = std::chrono::seconds{*start_ticks / per_second} +
                      nanoseconds{(*start_ticks % per_second) * (1'000'000'000 / per_second)};
    if (readings.since_boot >= tick) since_tick = readings.since_boot - tick;
  }
  const bool waited_for_disk = !major_faults || *major_faults > 0;
  if (!waited_for_disk && run_delay && *run_delay >= 0 && readings.cpu > base::Duration{0}) {
    base::Duration since = readings.cpu + nanoseconds{*run_delay};
    if (since_tick) since = std::min(since, *since_tick);  // never before fork
    start.exec = readings.main - since;
    start.accuracy = StartAccuracy::kScheduled;
  } else if (since_tick) {
    // The tick is rounded down, so the process is younger than it says by half a tick on the average.
    const base::Duration half_tick = nanoseconds{500'000'000 / per_second};
    start.exec = readings.main - std::max(*since_tick - half_tick, std::max(readings.cpu, base::Duration{0}));
    start.accuracy = StartAccuracy::kTick;
  }
  return start;
}

ProcessStart measure_process_start() {
  StartReadings readings;
  readings.main = std::chrono::steady_clock::now();
  readings.cpu = read_clock(CLOCK_THREAD_CPUTIME_ID);
#if defined(__linux__)
  readings.since_boot = read_clock(CLOCK_BOOTTIME);
#endif
  std::array<char, 1024> stat, schedstat;
  readings.stat = read_small("/proc/self/stat", stat);
  readings.schedstat = read_small("/proc/self/schedstat", schedstat);
  if (const long ticks = ::sysconf(_SC_CLK_TCK); ticks > 0) readings.ticks_per_second = ticks;
  return estimate_process_start(readings);
}

}  // namespace hearth::startup
