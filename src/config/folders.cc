#include "config/folders.h"

namespace hearth::config {
namespace {

std::filesystem::path absolute_or_empty(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  if (found == environment.end()) return {};
  std::filesystem::path path(found->second);
  return path.is_absolute() ? path : std::filesystem::path();
}

}  // namespace

base::Result<Folders> folders_from(const Environment& environment) {
  const std::filesystem::path home = absolute_or_empty(environment, "HOME");
  Folders folders;
  struct Place {
    std::filesystem::path& into;
    const char* variable;
    const char* below_home;
  };
  for (const Place& place :
       {Place{folders.config, "XDG_CONFIG_HOME", ".config"}, Place{folders.cache, "XDG_CACHE_HOME", ".cache"},
        Place{folders.state, "XDG_STATE_HOME", ".local/state"}}) {
    std::filesystem::path parent = absolute_or_empty(environment, place.variable);
    if (parent.empty() && home.empty()) {
      return base::fail(base::Code::kNotFound, std::string("neither HOME nor ") + place.variable + " is set",
                        "set one of them to a folder that this user may write");
    }
    if (parent.empty()) parent = home / place.below_home;
    place.into = parent / "hearth";
  }
  return folders;
}

}  // namespace hearth::config
