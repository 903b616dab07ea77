#pragma once

// What the verbs' command lines share.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/load.h"

namespace hearth::cli {

/// Flags that set a value of the configuration: collected here, resolved by config::load.
class ConfigFlags {
 public:
  /// Adds --config FILE.
  explicit ConfigFlags(CLI::App& app);
  /// `flag` VALUE sets `key`.
  CLI::Option* add_value(CLI::App& app, const std::string& flag, const std::string& key, const std::string& help);
  /// `flag` alone sets `key` to `value`.
  void add_switch(CLI::App& app, const std::string& flag, const std::string& key, const std::string& value,
                  const std::string& help);
  /// What a verb has read from its command line itself.
  void add(config::Override value) { overrides_.push_back(std::move(value)); }
  /// What --config named; nothing where it was not given.
  [[nodiscard]] std::optional<std::filesystem::path> file() const;
  [[nodiscard]] base::Result<config::Loaded> load() const;

 private:
  std::string file_;
  std::vector<config::Override> overrides_;
};

/// Parses; returns the exit code to leave with (help asked for: 0, wrong usage, told in one line: 2), or nothing to go
/// on. Answers a shell's question for completions (completion_words.h) in the verb's place.
[[nodiscard]] std::optional<int> parse(CLI::App& app, int argc, char** argv);

/// "hearth VERB: message; remedy" on standard error; returns 1.
int complain(std::string_view verb, const base::Error& error);

}  // namespace hearth::cli
