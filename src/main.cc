#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/cpu.h"
#include "cli/verbs.h"

// Verb to command, run, exit. What each verb does is in cli/, one file a verb.
int main(int argc, char** argv) {
  ::setenv("ORT_DISABLE_TELEMETRY", "1", 1);  // see engines/onnx/ort_library.cc
  ::setenv("GGML_NO_BACKTRACE", "1", 1);      // an abort would start a debugger first
  if (const std::string_view missing = hearth::base::missing_cpu_feature(); !missing.empty()) {
    std::fprintf(
        stderr, "hearth: built for a processor with %s, which this one lacks; build it here, or take the dist preset\n",
        missing.data());
    return 1;
  }
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
