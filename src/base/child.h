#pragma once

// Programs that this one runs to their end. How one is started is spawn.h's; what it may do is its own. Threads: any; a
// call blocks the one that makes it.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace hearth::base {

/// The folder of the running program.
[[nodiscard]] std::filesystem::path program_folder();

enum class Urgency {
  kForeground,  // somebody waits for it
  kBackground,  // it leaves the cores to others
};
/// Called about once a second while a program works, on the thread that waits for it; not while it hangs.
using Alive = std::function<void()>;

struct RunOptions {
  Urgency urgency = Urgency::kForeground;
  std::stop_token stop{};  // the program ends soon after it
  Alive alive{};
  std::optional<Millis> limit{};  // by the clock on the wall, then it is ended; none: it may take as long as it likes
  std::optional<std::vector<std::string>> environment{};  // "NAME=value" (environment.h); none: all of ours
};

/// Runs a program without a shell and waits for it. Its standard error is ours, its standard output is thrown away, its
/// standard input is empty. kNotFound when it does not exist; kInternal with its exit code when it failed (it explained
/// itself on standard error); kCancelled and kTimedOut with the program ended.
[[nodiscard]] Result<void> run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                                       const RunOptions& how = {});

/// The same for what it says on its standard output. kExhausted, with the program ended, where that is more than
/// `most`.
[[nodiscard]] Result<std::string> read_program(const std::filesystem::path& program,
                                               const std::vector<std::string>& arguments, Bytes most,
                                               const RunOptions& how = {});

/// The variable by which a program that was run knows who runs it: the number of our process.
inline constexpr const char* kStartedBy = "STARTED_BY_HEARTH";

/// For the first line of a program that works for another: it ends at once when the thread that started it ends, so
/// that a killed server leaves nothing behind that works on; also where that one ended before this line (kStartedBy
/// tells). Does nothing where the kernel has no such signal.
void end_with_parent();

/// PURE. Clock ticks of processor time, its ended children's included, in the text of /proc/PID/stat; nothing where
/// that is damaged.
[[nodiscard]] std::optional<std::uint64_t> parse_cpu_ticks(std::string_view proc_stat);

}  // namespace hearth::base
