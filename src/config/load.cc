#include "config/load.h"

#include "base/files.h"

namespace hearth::config {
namespace {

using base::Code;
using base::fail;
using base::Result;

struct Chosen {
  std::filesystem::path path;
  bool must_exist = false;
};

Chosen choose_file(const std::optional<std::filesystem::path>& flag, const Environment& environment,
                   const Folders& folders) {
  if (flag) return {*flag, true};
  const auto variable = environment.find("HEARTH_CONFIG");
  if (variable != environment.end() && !variable->second.empty()) return {variable->second, true};
  return {folders.config_file(), false};
}

}  // namespace

Result<Loaded> load(std::span<const Override> overrides, const std::optional<std::filesystem::path>& file) {
  const Environment environment = environment_of_process();
  auto folders = folders_from(environment);
  if (!folders) return fail(folders.error());
  Loaded loaded{{}, *folders, {}};
  const Chosen chosen = choose_file(file, environment, *folders);
  std::string text;
  if (chosen.path != "/dev/null") {
    auto bytes = base::read_file(chosen.path, kMaxConfigFile);
    if (bytes) {
      text = std::move(*bytes);
      loaded.file = chosen.path;
    } else if (bytes.error().code != Code::kNotFound || chosen.must_exist) {
      base::Error error = bytes.error();
      error.message = "the config: " + error.message;
      if (error.remedy.empty()) error.remedy = "name a file that can be read, or --config /dev/null for none";
      return fail(std::move(error));
    }
  }
  const std::string name = loaded.file.empty() ? "hearth.toml" : loaded.file.string();
  auto resolved = resolve(overrides, environment, text, name);
  if (!resolved) return fail(resolved.error());
  loaded.resolved = std::move(*resolved);
  return loaded;
}

}  // namespace hearth::config
