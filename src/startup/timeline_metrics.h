#pragma once

#include "observe/metrics.h"
#include "startup/timeline.h"

namespace hearth::startup {

/// Sets gauges from a timeline: hearth_startup_task_seconds{task}, hearth_startup_mark_seconds{mark} (from exec),
/// hearth_startup_exec_to_main_seconds, hearth_startup_tasks{state}, hearth_startup_retries, hearth_startup_stalls.
/// Call it when the start has settled, or before each scrape: the same values are set again.
void publish_timeline(const Timeline& timeline, observe::Metrics& metrics);

}  // namespace hearth::startup
