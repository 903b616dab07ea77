#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace hearth::store {

/// A program to run without a shell: words are passed as they are.
struct ChildCommand {
  std::vector<std::string> words;                  // words[0] is looked up in PATH
  std::map<std::string, std::string> environment;  // added to, or replacing, this process's own
};

struct ChildResult {
  int exit_code = 0;        // 128 + signal when it was killed
  std::string last_output;  // the end of what it said on both its outputs, at most kMaxChildOutput letters
};
inline constexpr std::size_t kMaxChildOutput = 4096;

/// Runs it and waits; `on_tick` is called about five times a second meanwhile. kNotFound when there is no such program.
[[nodiscard]] base::Result<ChildResult> run_child(const ChildCommand& command, const std::function<void()>& on_tick);

/// Whether `name` is a program in PATH.
[[nodiscard]] bool is_in_path(const std::string& name);

}  // namespace hearth::store
