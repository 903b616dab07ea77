#include "cli/verbs.h"

#include <algorithm>
#include <vector>

#include "config/suggest.h"

namespace hearth::cli {
namespace {

constexpr Verb kVerbs[] = {
    {"serve", "serve the models of this machine over HTTP", run_serve},
    {"say", "speak a text to a file, to standard output or to the loudspeaker", run_say},
    {"transcribe", "write down what is said in a sound file", run_transcribe},
    {"chat", "talk with a language model in the terminal", run_chat},
    {"ocr", "read the text in PDFs and pictures", run_ocr},
    {"models", "list, pull, verify and remove models", run_models},
    {"doctor", "say what is missing on this machine and how to mend it", run_doctor},
    {"config", "show each setting and where it came from", run_config},
    {"bench", "measure a start of the configured server", run_bench},
    {"completion", "print the completions for a shell", run_completion},
};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

const Verb* find_verb(std::string_view name) {
  for (const Verb& verb : kVerbs) {
    if (name == verb.name) return &verb;
  }
  return nullptr;
}

std::string unknown_verb(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
  const std::string_view meant = config::nearest(name, names);
  std::string typed(name.substr(0, 40));
  std::ranges::replace_if(
      typed, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return "hearth: there is no verb '" + typed + "'; " +
         (meant.empty() ? "" : "did you mean " + std::string(meant) + "? ") + "hearth --help lists them";
}

void print_help(std::FILE* out) {
  std::fputs(
      "hearth: speech on your own machine, ready almost at once.\n\n"
      "Usage: hearth VERB [OPTIONS]        hearth VERB --help tells more\n\n",
      out);
  for (const Verb& verb : kVerbs) std::fprintf(out, "  %-12s %s\n", verb.name, verb.title);
  std::fputs(
      "\nA first run:\n"
      "  hearth models pull kokoro          download the voice, once\n"
      "  hearth say \"Good morning.\" -o good-morning.wav\n"
      "  hearth models pull whisper-base    download what listens, once\n"
      "  hearth transcribe good-morning.wav\n"
      "  hearth serve                       http://127.0.0.1:8000/v1/audio/speech, OpenAI-compatible\n",
      out);
}

}  // namespace hearth::cli
