#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/cpu.h"
#include "cli/verbs.h"

// The one thing that runs before main, and before the constructors of what is linked in: these are compiled for the
// same processor as the rest, and would end a lesser one without a word.
[[gnu::constructor(101)]] static void end_on_a_lesser_processor() {
  const char* missing = hearth::base::find_missing(hearth::base::cpu_features());
  if (missing == nullptr) return;
  std::fprintf(stderr,
               "hearth: built for a processor with %s, which this one lacks; build it here, or take the dist preset\n",
               missing);
  std::_Exit(1);
}

// Verb to command, run, exit. What each verb does is in cli/, one file a verb.
int main(int argc, char** argv) {
  ::setenv("ORT_DISABLE_TELEMETRY", "1", 1);  // see engines/onnx/ort_library.cc
  ::setenv("GGML_NO_BACKTRACE", "1", 1);      // an abort would start a debugger first
  const char* name = argc > 1 ? argv[1] : "--help";
  if (const hearth::cli::Verb* verb = hearth::cli::find_verb(name)) return verb->run(argc - 1, argv + 1);
  if (std::strcmp(name, "--help") == 0 || std::strcmp(name, "-h") == 0 || std::strcmp(name, "help") == 0) {
    hearth::cli::print_help(stdout);
    return 0;
  }
  if (std::strcmp(name, "--version") == 0) {
    std::puts("hearth " HEARTH_VERSION);
    return 0;
  }
  std::fprintf(stderr, "%s\n", hearth::cli::unknown_verb(name).c_str());
  return 2;
}
