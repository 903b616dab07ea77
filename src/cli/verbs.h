#pragma once

// One function a verb: `hearth VERB …`. Each parses its own arguments (argv[0] is "hearth VERB"), does its work and returns the
// exit code: 0 done, 1 failed (one line on standard error said why and what to do), 2 wrong usage.

namespace hearth::cli {

int run_serve(int argc, char** argv);
int run_say(int argc, char** argv);
int run_models(int argc, char** argv);
int run_doctor(int argc, char** argv);
int run_config(int argc, char** argv);
int run_bench(int argc, char** argv);
int run_completion(int argc, char** argv);

}  // namespace hearth::cli
