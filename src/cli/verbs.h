#pragma once

// One function a verb: `hearth VERB …`. Each parses its own arguments (argv[0] is the verb), does its work and returns
// the exit code: 0 done, 1 failed (one line on standard error said why and what to do), 2 wrong usage.

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

namespace hearth::cli {

int run_serve(int argc, char** argv);
int run_say(int argc, char** argv);
int run_transcribe(int argc, char** argv);
int run_chat(int argc, char** argv);
int run_ocr(int argc, char** argv);
int run_models(int argc, char** argv);
int run_doctor(int argc, char** argv);
int run_config(int argc, char** argv);
int run_bench(int argc, char** argv);
int run_completion(int argc, char** argv);

struct Verb {
  const char* name;
  const char* title;  // one line of `hearth --help`
  int (*run)(int argc, char** argv);
};

[[nodiscard]] std::span<const Verb> verbs();
/// Null when there is no such verb.
[[nodiscard]] const Verb* find_verb(std::string_view name);
/// "hearth: there is no verb 'serv'; did you mean serve? hearth --help lists them".
[[nodiscard]] std::string unknown_verb(std::string_view name);
void print_help(std::FILE* out);

}  // namespace hearth::cli
