#pragma once

// The lines that a person sees while the start runs. PURE.

#include <cstddef>
#include <string>
#include <string_view>

#include "startup/timeline.h"

namespace hearth::startup {

/// "[2/5] whisper  ready  93 ms": how many titled tasks have ended, its title padded to `title_width`, what became of
/// it, how long it took from begin to end. A failure ends with its message and remedy; a second try is told.
[[nodiscard]] std::string task_line(const TaskRun& run, std::size_t done, std::size_t total,
                                    std::size_t title_width = 0);

/// "412 µs", "93 ms", "1.24 s", "2 min 05 s": three digits at most, so that columns stay narrow.
[[nodiscard]] std::string duration_text(base::Duration duration);

}  // namespace hearth::startup
