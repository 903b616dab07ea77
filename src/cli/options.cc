#include "cli/options.h"

#include <cstdio>

namespace hearth::cli {

ConfigFlags::ConfigFlags(CLI::App& app) {
  app.add_option("--config", file_, "Read this file instead of $XDG_CONFIG_HOME/hearth/hearth.toml")->type_name("FILE");
}

void ConfigFlags::add_value(CLI::App& app, const std::string& flag, const std::string& key, const std::string& help) {
  const std::string shown = flag.substr(0, flag.find(','));
  app.add_option_function<std::string>(
      flag,
      [this, key, shown](const std::string& value) {
        overrides_.push_back({key, value, shown});
      },
      help);
}

void ConfigFlags::add_switch(CLI::App& app, const std::string& flag, const std::string& key, const std::string& value,
                             const std::string& help) {
  app.add_flag_callback(
      flag,
      [this, key, value, flag] {
        overrides_.push_back({key, value, flag});
      },
      help);
}

base::Result<config::Loaded> ConfigFlags::load() const {
  return config::load(overrides_, file_.empty() ? std::nullopt : std::optional<std::filesystem::path>(file_));
}

std::optional<int> parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
}

int complain(std::string_view verb, const base::Error& error) {
  std::fprintf(stderr, "hearth %.*s: %s\n", static_cast<int>(verb.size()), verb.data(), error.line().c_str());
  return 1;
}

}  // namespace hearth::cli
