#include "observe/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "base/files.h"

namespace hearth::observe {
namespace {

double field(std::string_view text, int index) {
  for (; index > 0; --index) {
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return 0;
    text.remove_prefix(space + 1);
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && value >= 0 ? value : 0;
}

}  // namespace

ProcessStats parse_process_stats(std::string_view stat, std::string_view proc_stat, double ticks_per_second,
                                 double page_bytes) {
  ProcessStats stats;
  const std::size_t bracket = stat.rfind(')');  // the name in brackets may hold spaces
  if (bracket == std::string_view::npos || bracket + 2 > stat.size() || ticks_per_second <= 0) return stats;
  const std::string_view fields = stat.substr(bracket + 2);  // from the third of proc(5)
  stats.cpu_seconds = (field(fields, 14 - 3) + field(fields, 15 - 3)) / ticks_per_second;
  stats.threads = field(fields, 20 - 3);
  stats.virtual_bytes = field(fields, 23 - 3);
  stats.resident_bytes = field(fields, 24 - 3) * page_bytes;
  constexpr std::string_view kBootTime = "btime ";
  const std::size_t boot = proc_stat.starts_with(kBootTime) ? 0 : proc_stat.find("\nbtime ");
  if (boot != std::string_view::npos) {
    const std::string_view seconds = proc_stat.substr(boot + (boot == 0 ? 0 : 1) + kBootTime.size());
    stats.start_time_seconds =
        field(seconds.substr(0, seconds.find('\n')), 0) + field(fields, 22 - 3) / ticks_per_second;
  }
  return stats;
}

ProcessStats measure_process() {
  const std::string stat = base::read_file("/proc/self/stat").value_or("");
  const std::string proc_stat = base::read_file("/proc/stat").value_or("");
  ProcessStats stats = parse_process_stats(stat, proc_stat, static_cast<double>(::sysconf(_SC_CLK_TCK)),
                                           static_cast<double>(::sysconf(_SC_PAGESIZE)));
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end; it.increment(error)) {
    ++stats.open_fds;
  }
  if (stats.open_fds > 0) --stats.open_fds;  // the listing's own
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_fds = static_cast<double>(limit.rlim_cur);
  return stats;
}

void add_process_metrics(Metrics& metrics) {
  // A counter only goes up, and the kernel tells a total: the last total is kept to add the difference.
  auto last_cpu = std::make_shared<double>(0);  // shared because std::function copies; render() calls one at a time
  metrics.on_render([last_cpu](Metrics& all) {
    const ProcessStats stats = measure_process();
    all.counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.")
        .add(stats.cpu_seconds - *last_cpu);
    *last_cpu = std::max(*last_cpu, stats.cpu_seconds);
    all.gauge("process_resident_memory_bytes", "Resident memory size in bytes.").set(stats.resident_bytes);
    all.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.").set(stats.virtual_bytes);
    all.gauge("process_threads", "Threads of the process.").set(stats.threads);
    all.gauge("process_open_fds", "Number of open file descriptors.").set(stats.open_fds);
    all.gauge("process_max_fds", "Maximum number of open file descriptors.").set(stats.max_fds);
    all.gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.")
        .set(stats.start_time_seconds);
  });
}

}  // namespace hearth::observe
