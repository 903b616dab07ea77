#pragma once

#include <string>

#include "startup/timeline.h"

namespace hearth::startup {

/// What /startup serves: one JSON object; times in milliseconds from exec, tasks in order of declaration. PURE.
[[nodiscard]] std::string timeline_json(const Timeline& timeline);

}  // namespace hearth::startup
