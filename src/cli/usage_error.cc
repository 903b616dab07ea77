#include "cli/usage_error.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

#include "config/suggest.h"

namespace hearth::cli {
namespace {

constexpr std::size_t kMostShown = 60;

/// An argument as it may stand in a line of a terminal.
std::string shown(std::string_view argument) {
  std::string text(argument.substr(0, kMostShown));
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return text;
}

/// The verb and the subcommands that were named.
std::vector<const CLI::App*> path_of(const CLI::App& app) {
  std::vector<const CLI::App*> path = {&app};
  while (!path.back()->get_subcommands().empty()) path.push_back(path.back()->get_subcommands().front());
  return path;
}

std::string joined_names(const std::vector<const CLI::App*>& path) {
  std::string names;
  for (const CLI::App* app : path) names += (names.empty() ? "" : " ") + app->get_name();
  return names;
}

std::vector<std::string> subcommands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands(std::function<bool(const CLI::App*)>()))
    names.push_back(sub->get_name());
  return names;
}

/// "list, pull or clean".
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates, std::string_view before) {
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  const std::string_view found = config::nearest(word, views);
  return found.empty() ? std::string() : "did you mean " + std::string(before) + std::string(found) + "?";
}

std::string no_option(const std::vector<const CLI::App*>& path, const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  std::vector<std::string> known;
  for (const CLI::App* app : path) {
    for (const CLI::Option* option : app->get_options())
      known.insert(known.end(), option->get_lnames().begin(), option->get_lnames().end());
  }
  const std::size_t begin = std::min(name.find_first_not_of('-'), name.size());
  const std::string meant = suggestion(std::string_view(name).substr(begin), known, "--");
  return "there is no option " + shown(name) + (meant.empty() ? "" : "; " + meant);
}

std::string no_subcommand(const std::vector<std::string>& names, const std::vector<std::string>& left) {
  if (left.empty()) return "say what to do: " + listed(names);
  const std::string meant = suggestion(left.front(), names, "");
  return "there is no '" + shown(left.front()) + "'; " + (meant.empty() ? "take " + listed(names) : meant);
}

std::string explain(const std::vector<const CLI::App*>& path, const CLI::ParseError& error) {
  std::string text = error.what();
  const auto is = [&](CLI::ExitCodes code) { return error.get_exit_code() == static_cast<int>(code); };
  if (is(CLI::ExitCodes::ArgumentMismatch)) {
    const std::size_t colon = text.find(": ");
    return colon == std::string::npos ? text : text.substr(0, colon) + " needs a value";
  }
  if (!is(CLI::ExitCodes::ExtrasError) && !is(CLI::ExitCodes::RequiredError)) return text;
  const std::vector<std::string> left = path.front()->remaining(true);
  const auto option = std::ranges::find_if(
      left, [](const std::string& word) { return word.size() > 1 && word[0] == '-' && word != "--"; });
  if (option != left.end()) return no_option(path, *option);
  if (const auto names = subcommands_of(*path.back()); !names.empty()) return no_subcommand(names, left);
  if (!left.empty()) return "'" + shown(left.front()) + "' is one argument too many";
  return text;
}

}  // namespace

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto path = path_of(app);
  std::string line = app.get_name() + ": " + explain(path, error);
  std::ranges::replace(line, '\n', ' ');
  line += line.ends_with('?') ? " " : "; ";
  return line + "see " + joined_names(path) + " --help";
}

}  // namespace hearth::cli
