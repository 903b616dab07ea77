#pragma once

// A program that is measured from its exec on. It is forked here, not started by base/spawn.h: posix_spawn() cannot set
// PR_SET_PDEATHSIG, and without it a bench that SIGKILL ends would leave its server behind.

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace hearth::measure {

/// From here on Ctrl-C and SIGTERM end the running Process, if there is one, and then this program with exit code 130.
void end_processes_on_signals();

/// What a process has taken of the machine.
struct Usage {
  double cpu_ms = 0;       // of all its threads, and of its children that have ended
  base::Bytes resident{};  // now
  base::Bytes peak{};      // the most it ever was
};
/// PURE. Of /proc/PID/status ("VmRSS", "VmHWM") and /proc/PID/stat; damaged parts read as zero.
[[nodiscard]] Usage parse_usage(std::string_view status, std::string_view stat, long ticks_per_second);

/// A program in a process group of its own, which ends with this object, whatever it started included: on failure and
/// on Ctrl-C too. A thread of this object reads its standard output, whoever wants it or not, so that it never waits
/// for a reader; its standard error is ours.
class Process {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Errors { kOurs, kDropped };

  /// One at a time. The first word is the program, found by PATH. kNotFound when it cannot be started.
  [[nodiscard]] static base::Result<Process> start(const std::vector<std::string>& words, Errors errors);
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  ~Process();

  [[nodiscard]] double ms_since_exec() const;
  [[nodiscard]] bool is_running() const;
  /// What it has used so far; zeros once it has ended.
  [[nodiscard]] Usage usage() const;
  /// The first line of its output, after the one that was last returned, that contains `part`. Where more than a MiB
  /// waits for this call the oldest of it is gone. kTimedOut; kInternal when it ended without.
  [[nodiscard]] base::Result<std::string> read_line_with(std::string_view part, Clock::time_point deadline);

 private:
  class Output;
  Process(pid_t pid, Clock::time_point exec);
  pid_t pid_;
  Clock::time_point exec_;
  std::unique_ptr<Output> output_;
};

}  // namespace hearth::measure
