// hearth config show: each setting, its value and where it came from.

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/verbs.h"
#include "config/describe.h"
#include "config/load.h"

namespace hearth::cli {
namespace {

nlohmann::ordered_json json_value(const config::Shown& shown) {
  switch (shown.shape) {
    case config::Shape::kNumber: {
      const auto whole = config::read_int(shown.value);
      if (whole) return *whole;
      const auto number = config::read_number(shown.value);
      return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(shown.value);
    }
    case config::Shape::kBool: {
      const auto flag = config::read_bool(shown.value);
      return flag ? nlohmann::ordered_json(*flag) : nlohmann::ordered_json(nullptr);
    }
    case config::Shape::kList:
      return config::split_list(shown.value);
    case config::Shape::kText:
      break;
  }
  return shown.value;
}

void show_json(const config::Loaded& loaded) {
  nlohmann::ordered_json out;
  out["file"] = loaded.file.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(loaded.file.string());
  out["folders"] = {{"config", loaded.folders.config.string()},
                    {"cache", loaded.folders.cache.string()},
                    {"state", loaded.folders.state.string()}};
  nlohmann::ordered_json& settings = out["settings"];
  settings = nlohmann::ordered_json::object();
  for (const config::Shown& shown : config::describe(loaded.resolved)) {
    settings[shown.key] = {{"value", json_value(shown)}, {"source", shown.origin}};
  }
  const auto replace = nlohmann::ordered_json::error_handler_t::replace;
  std::printf("%s\n", out.dump(2, ' ', false, replace).c_str());
}

void show_text(const config::Loaded& loaded) {
  std::printf("# config: %s\n", loaded.file.empty() ? "no file" : loaded.file.c_str());
  std::printf("# cache:  %s\n# state:  %s\n", loaded.folders.cache.c_str(), loaded.folders.state.c_str());
  for (const config::Shown& shown : config::describe(loaded.resolved)) {
    const bool bare = shown.shape == config::Shape::kNumber || shown.shape == config::Shape::kBool;
    const std::string value = bare ? shown.value : "\"" + shown.value + "\"";
    std::printf("%-28s %-24s %s\n", shown.key.c_str(), value.c_str(), shown.origin.c_str());
  }
}

}  // namespace

int run_config(int argc, char** argv) {
  CLI::App app("Shows each setting and where it came from: a flag, a variable, the file or the default.",
               "hearth config");
  app.require_subcommand(1);
  CLI::App* show = app.add_subcommand("show", "print every setting, its value and its source");
  ConfigFlags flags(*show);
  std::vector<std::string> sets;
  bool json = false;
  show->add_option("--set", sets, "KEY=VALUE, as if it were a flag")->allow_extra_args(false);
  show->add_flag("--json", json, "print JSON");
  if (const auto code = parse(app, argc, argv)) return *code;
  for (const std::string& set : sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos) {
      std::fprintf(stderr, "hearth config: --set %s has no value; use --set KEY=VALUE\n", set.c_str());
      return 2;
    }
    flags.add({set.substr(0, equals), set.substr(equals + 1), "--set"});
  }
  const auto loaded = flags.load();
  if (!loaded) return complain("config", loaded.error());
  for (const std::string& warning : loaded->resolved.warnings)
    std::fprintf(stderr, "hearth config: %s\n", warning.c_str());
  json ? show_json(*loaded) : show_text(*loaded);
  return 0;
}

}  // namespace hearth::cli
