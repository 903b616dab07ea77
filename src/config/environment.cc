#include "config/environment.h"

#include <unistd.h>

#include <string_view>

namespace hearth::config {

Environment environment_of_process() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, equals);
    if (name.starts_with("HEARTH_") || name.starts_with("KOKORO_") || name.starts_with("XDG_") || name == "HOME") {
      environment.emplace(name, line.substr(equals + 1));
    }
  }
  return environment;
}

}  // namespace hearth::config
