#include "cli/options.h"

#include <cstdio>
#include <functional>
#include <string_view>

#include "cli/completion_words.h"
#include "cli/usage_error.h"
#include "store/manifest.h"

namespace hearth::cli {
namespace {

std::vector<std::string> model_names() {
  const auto loaded = config::load({});
  return store::known_names(loaded ? loaded->config() : config::Config{});
}

/// An argument is shown by its name; CLI11 would add the type of its value: "TEXT TEXT".
void name_arguments_once(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_positional()) option->type_name("");
  }
  for (CLI::App* sub : app.get_subcommands(std::function<bool(CLI::App*)>())) name_arguments_once(*sub);
}

}  // namespace

ConfigFlags::ConfigFlags(CLI::App& app) {
  app.add_option("--config", file_, "Read this file instead of $XDG_CONFIG_HOME/hearth/hearth.toml")->type_name("FILE");
}

CLI::Option* ConfigFlags::add_value(CLI::App& app, const std::string& flag, const std::string& key,
                                    const std::string& help) {
  const std::string shown = flag.substr(0, flag.find(','));
  return app.add_option_function<std::string>(
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

std::optional<std::filesystem::path> ConfigFlags::file() const {
  return file_.empty() ? std::nullopt : std::optional<std::filesystem::path>(file_);
}

base::Result<config::Loaded> ConfigFlags::load() const { return config::load(overrides_, file()); }

std::optional<int> parse(CLI::App& app, int argc, char** argv) {
  if (argc > 1 && argv[1] == kCompleteWords) {
    const std::vector<std::string> words(argv + 2, argv + argc);
    for (const std::string& word : complete_words(app, words, model_names)) std::printf("%s\n", word.c_str());
    return 0;
  }
  name_arguments_once(app);
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr, "%s\n", usage_error(app, error).c_str());
    return 2;
  }
}

int complain(std::string_view verb, const base::Error& error) {
  std::fprintf(stderr, "hearth %.*s: %s\n", static_cast<int>(verb.size()), verb.data(), error.line().c_str());
  return 1;
}

}  // namespace hearth::cli
