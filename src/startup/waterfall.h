#pragma once

// The whole start as text bars on one time axis. PURE: ends with a newline, no colours.
//
//   start  listen 3.0 ms · ready 160 ms
//                         0              80 ms           160 ms
//   exec to main  1.9 ms  ▌
//   prefetch       37 ms  █████████▎
//   kokoro        100 ms           ░░░░████████████████████████     (░: waited for room)

#include <string>

#include "startup/timeline.h"

namespace hearth::startup {

enum class Glyphs { kUnicode, kAscii };

/// `columns` is the width of the page (at least 60). Spans are drawn under the tasks, the longest `max_spans` of them.
[[nodiscard]] std::string waterfall(const Timeline& timeline, Glyphs glyphs = Glyphs::kUnicode, int columns = 100,
                                    int max_spans = 12);

/// kUnicode if the locale's encoding is UTF-8: pass the values of LC_ALL, LC_CTYPE and LANG (null where unset).
[[nodiscard]] Glyphs glyphs_for(const char* lc_all, const char* lc_ctype, const char* lang);

}  // namespace hearth::startup
