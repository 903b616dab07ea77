#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cli/verbs.h"

// Verb to command, run, exit. What each verb does is in cli/, one file a verb.
int main(int argc, char** argv) {
  ::setenv("ORT_DISABLE_TELEMETRY", "1", 1);  // see engines/onnx/ort_library.cc
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
  std::fprintf(stderr, "hearth: there is no verb '%.40s'; hearth --help lists them\n", name);
  return 2;
}
