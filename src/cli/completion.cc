// hearth completion SHELL: a short script for the shell, which asks this program what may follow (completion_words.h).

#include <cstdio>
#include <string>
#include <string_view>

#include "cli/completion_words.h"
#include "cli/options.h"
#include "cli/verbs.h"

namespace hearth::cli {
namespace {

std::string words() {
  std::string list;
  for (const Verb& verb : verbs()) list += std::string(list.empty() ? "" : " ") + verb.name;
  return list;
}

constexpr const char* kBash = R"sh(_hearth() {
  local current="${COMP_WORDS[COMP_CWORD]}" line
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "%s --help --version" -- "$current"))
    return
  fi
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <("${COMP_WORDS[0]/#\~/$HOME}" "${COMP_WORDS[1]}" --complete-words "${COMP_WORDS[@]:2:COMP_CWORD-1}" 2>/dev/null)
}
complete -o default -F _hearth hearth
)sh";

constexpr const char* kZsh = R"sh(#compdef hearth
_hearth() {
  if (( CURRENT == 2 )); then
    compadd -- %s --help --version
    return
  fi
  local -a found
  found=("${(@f)$(${~words[1]} "$words[2]" --complete-words "${(@)words[3,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then
    compadd -- "${found[@]}"
  else
    _files
  fi
}
compdef _hearth hearth
)sh";

constexpr const char* kFish = R"sh(function __hearth_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l verb $words[2]
    set -e words[1..2]
    command hearth $verb --complete-words $words "$current" 2>/dev/null
end
complete -c hearth -f -n __fish_use_subcommand -a "%s --help --version"
complete -c hearth -n "not __fish_use_subcommand" -a "(__hearth_words)"
)sh";

const char* script_for(std::string_view shell) {
  return shell == "bash" ? kBash : shell == "zsh" ? kZsh : shell == "fish" ? kFish : nullptr;
}

}  // namespace

int run_completion(int argc, char** argv) {
  CLI::App cli("Print the completions for a shell: verbs, options and models.", "hearth completion");
  std::string shell;
  cli.add_option(kShellValue, shell, "bash, zsh or fish")->required();
  cli.footer(
      "  bash   eval \"$(hearth completion bash)\"      in ~/.bashrc\n"
      "  zsh    eval \"$(hearth completion zsh)\"       in ~/.zshrc, after compinit\n"
      "  fish   hearth completion fish | source       in ~/.config/fish/config.fish");
  if (const auto code = parse(cli, argc, argv)) return *code;
  const char* const script = script_for(shell);
  if (script == nullptr) {
    std::fprintf(stderr, "hearth completion: there is none for '%.40s'; take bash, zsh or fish\n", shell.c_str());
    return 2;
  }
  std::string text = script;
  text.replace(text.find("%s"), 2, words());
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace hearth::cli
