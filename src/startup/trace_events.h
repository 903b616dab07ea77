#pragma once

#include <string>

#include "startup/timeline.h"

namespace hearth::startup {

/// The start in Chrome's trace event format (JSON object form), which ui.perfetto.dev and chrome://tracing open: X for
/// tasks and spans on their threads, b/e for asynchronous tasks, i for marks and notes, C for memory, M for names;
/// microseconds from exec. PURE. Format: "Trace Event Format" by the Chromium project.
[[nodiscard]] std::string trace_events_json(const Timeline& timeline);

}  // namespace hearth::startup
