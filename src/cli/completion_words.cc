#include "cli/completion_words.h"

#include <algorithm>

namespace hearth::cli {
namespace {

using Apps = std::vector<const CLI::App*>;

Apps subcommands_of(const CLI::App& app) { return app.get_subcommands(std::function<bool(const CLI::App*)>()); }

Apps path_to(const CLI::App& app, std::span<const std::string> words) {
  Apps path = {&app};
  for (const std::string& word : words) {
    const Apps subs = subcommands_of(*path.back());
    const auto named = std::ranges::find_if(subs, [&](const CLI::App* sub) { return sub->get_name() == word; });
    if (named != subs.end()) path.push_back(*named);
  }
  return path;
}

/// The apps whose options may stand here.
Apps in_reach(const Apps& path) { return path.back()->get_fallthrough() ? path : Apps{path.back()}; }

/// The option whose value the last word is; null where it is none.
const CLI::Option* option_before(const Apps& path, std::span<const std::string> words) {
  if (words.size() < 2 || !words[words.size() - 2].starts_with('-')) return nullptr;
  for (const CLI::App* app : in_reach(path)) {
    for (const CLI::Option* option : app->get_options()) {
      if (option->nonpositional() && option->check_name(words[words.size() - 2]))
        return option->get_items_expected_min() > 0 ? option : nullptr;
    }
  }
  return nullptr;
}

std::vector<std::string> options_of(const Apps& path) {
  std::vector<std::string> names;
  for (const CLI::App* app : in_reach(path)) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

std::vector<std::string> values_of(const std::string& kind, const std::string& typed,
                                   const std::function<std::vector<std::string>()>& models) {
  if (kind == kShellValue) return {"bash", "zsh", "fish"};
  if (kind == kModelValue) return models();
  if (kind != kModelsValue) return {};
  std::vector<std::string> lists = models();
  const std::string before = typed.substr(0, typed.rfind(',') + 1);
  for (std::string& list : lists) list = before + list;
  return lists;
}

std::vector<std::string> arguments_of(const CLI::App& app, const std::string& typed,
                                      const std::function<std::vector<std::string>()>& models) {
  std::vector<std::string> found;
  for (const CLI::App* sub : subcommands_of(app)) found.push_back(sub->get_name());
  if (!found.empty()) return found;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) return values_of(option->get_name(true), typed, models);
  }
  return {};
}

}  // namespace

std::vector<std::string> complete_words(const CLI::App& app, std::span<const std::string> words,
                                        const std::function<std::vector<std::string>()>& models) {
  if (words.empty()) return {};
  const std::string& typed = words.back();
  const Apps path = path_to(app, words.first(words.size() - 1));
  const CLI::Option* const option = option_before(path, words);
  std::vector<std::string> found = option != nullptr        ? values_of(option->get_type_name(), typed, models)
                                   : typed.starts_with('-') ? options_of(path)
                                                            : arguments_of(*path.back(), typed, models);
  std::erase_if(found, [&](const std::string& word) { return !word.starts_with(typed); });
  return found;
}

}  // namespace hearth::cli
