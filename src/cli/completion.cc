#include <cstdio>
#include <string>
#include <string_view>

#include "cli/verbs.h"

namespace hearth::cli {
namespace {

std::string words() {
  std::string list;
  for (const Verb& verb : verbs()) list += std::string(list.empty() ? "" : " ") + verb.name;
  return list;
}

// The options of a verb are read from its own --help, so that they cannot go out of date.
constexpr const char* kBash = R"sh(_hearth() {
  local current="${COMP_WORDS[COMP_CWORD]}" verb="${COMP_WORDS[1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "%s --help --version" -- "$current"))
  elif [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$(hearth "$verb" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+' | sort -u)" -- "$current"))
  elif [ "$verb" = models ] && [ "$COMP_CWORD" -eq 2 ]; then
    COMPREPLY=($(compgen -W "list pull path verify rm clean" -- "$current"))
  elif [ "$verb" = models ]; then
    COMPREPLY=($(compgen -W "$(hearth models list --names 2>/dev/null)" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _hearth hearth
)sh";

constexpr const char* kZsh = R"sh(#compdef hearth
_hearth() {
  if (( CURRENT == 2 )); then
    compadd -- %s --help --version
  elif [[ "$words[CURRENT]" == -* ]]; then
    compadd -- $(hearth "$words[2]" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+' | sort -u)
  elif [[ "$words[2]" == models && $CURRENT -eq 3 ]]; then
    compadd -- list pull path verify rm clean
  elif [[ "$words[2]" == models ]]; then
    compadd -- $(hearth models list --names 2>/dev/null)
  else
    _files
  fi
}
compdef _hearth hearth
)sh";

constexpr const char* kFish = R"sh(complete -c hearth -f -n __fish_use_subcommand -a "%s"
complete -c hearth -f -n "__fish_seen_subcommand_from models" -a "list pull path verify rm clean"
)sh";

}  // namespace

int run_completion(int argc, char** argv) {
  const std::string_view shell = argc > 1 ? argv[1] : "";
  const char* script = shell == "bash" ? kBash : shell == "zsh" ? kZsh : shell == "fish" ? kFish : nullptr;
  if (script == nullptr) {
    const bool asked = shell == "--help" || shell == "-h";
    std::fputs(
        "Usage: hearth completion bash|zsh|fish\n\n"
        "  bash   eval \"$(hearth completion bash)\"      in ~/.bashrc\n"
        "  zsh    eval \"$(hearth completion zsh)\"       in ~/.zshrc, after compinit\n"
        "  fish   hearth completion fish | source       in ~/.config/fish/config.fish\n",
        asked ? stdout : stderr);
    return asked ? 0 : 2;
  }
  std::string text = script;
  text.replace(text.find("%s"), 2, words());
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace hearth::cli
