#pragma once

// What a shell may put in the place of a word that is being typed, told by the verb's own CLI::App, so that it cannot
// go out of date. The scripts of `hearth completion` ask `hearth VERB --complete-words WORD…`; parse() in options.h
// answers.

#include <CLI/CLI.hpp>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::cli {

inline constexpr std::string_view kCompleteWords = "--complete-words";

/// What an option or argument is called whose values are models: one, or several separated by commas.
inline constexpr const char* kModelValue = "MODEL";
inline constexpr const char* kModelsValue = "MODELS";
inline constexpr const char* kShellValue = "SHELL";

/// `words`: what stands behind the verb; the last is the one being typed, perhaps empty. Nothing where the shell's own
/// completion, of files, will do. `models` is called only where models are meant.
[[nodiscard]] std::vector<std::string> complete_words(const CLI::App& app, std::span<const std::string> words,
                                                      const std::function<std::vector<std::string>()>& models);

}  // namespace hearth::cli
