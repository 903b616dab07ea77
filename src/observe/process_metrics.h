#pragma once

#include <string_view>

#include "observe/metrics.h"

namespace hearth::observe {

/// Of the process, with the names that every Prometheus client uses.
struct ProcessStats {
  double cpu_seconds = 0;  // user and system
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double threads = 0;
  double start_time_seconds = 0;  // since 1970
  double open_fds = 0;
  double max_fds = 0;
};

/// PURE. From /proc/self/stat and the `btime` line of /proc/stat; damaged text gives zeros. Files are not counted here.
[[nodiscard]] ProcessStats parse_process_stats(std::string_view stat, std::string_view proc_stat,
                                               double ticks_per_second, double page_bytes);
/// Some 100 µs.
[[nodiscard]] ProcessStats measure_process();

/// process_cpu_seconds_total, process_resident_memory_bytes, process_virtual_memory_bytes, process_threads,
/// process_open_fds, process_max_fds, process_start_time_seconds, refreshed at each render().
void add_process_metrics(Metrics& metrics);

}  // namespace hearth::observe
