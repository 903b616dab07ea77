#pragma once

#include <functional>
#include <map>
#include <string>

namespace hearth::config {

/// The variables that Hearth may read, by name: HEARTH_*, KOKORO_*, XDG_* and HOME.
using Environment = std::map<std::string, std::string, std::less<>>;

/// A copy of the process's own. Call before threads start.
[[nodiscard]] Environment environment_of_process();

}  // namespace hearth::config
