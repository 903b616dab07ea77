#pragma once

// Starts another program of this machine. What becomes of it is the caller's: child.h runs one to its end.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace hearth::base {

inline constexpr int kNoStream = -1;  // /dev/null

struct SpawnPlan {
  std::vector<std::string> words;  // the program first: with a slash a path, without one a name to look up in PATH
  int input = kNoStream;
  int output = kNoStream;
  int error = 2;
  std::optional<std::vector<std::string>> environment{};  // "NAME=value"; none: ours
};

/// The program's process, which the caller has to wait for. It has those three streams and no other descriptor of ours
/// (sockets!), and the usual signals whatever we block. No shell. kNotFound when there is no such program. Any thread.
[[nodiscard]] Result<pid_t> spawn(const SpawnPlan& plan);

}  // namespace hearth::base
