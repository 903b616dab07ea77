#include "base/child.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <system_error>

#include "base/files.h"
#include "base/spawn.h"

namespace hearth::base {

std::filesystem::path program_folder() {
  std::error_code ec;
  return std::filesystem::read_symlink("/proc/self/exe", ec).parent_path();
}

std::optional<std::uint64_t> parse_cpu_ticks(std::string_view proc_stat) {
  // "PID (name) state ppid …": the name may hold anything, so fields count from its last bracket. utime, stime, cutime
  // and cstime are fields 14 to 17 of the whole, the 12th to 15th after the name.
  const std::size_t name_end = proc_stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::uint64_t sum = 0;
  std::string_view rest = proc_stat.substr(name_end + 1);
  for (int field = 1; field <= 15; ++field) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (word.empty()) return std::nullopt;
    if (field >= 12) {
      std::uint64_t ticks = 0;
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), ticks);
      if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
      sum += ticks;
    }
    rest.remove_prefix(word.size());
  }
  return sum;
}

namespace {

constexpr int kLookMillis = 1000;

std::uint64_t cpu_ticks(pid_t process) {
  const auto stat = read_file("/proc/" + std::to_string(process) + "/stat");
  return stat ? parse_cpu_ticks(*stat).value_or(0) : 0;
}

/// Waits until `child` has ended, and looks after it meanwhile. Old kernels have no descriptor of a process: then the
/// wait is blind.
void watch(pid_t child, const Alive& alive) {
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  if (handle < 0) return;
  std::uint64_t before = 0;
  for (;;) {
    pollfd end{handle, POLLIN, 0};
    const int ready = ::poll(&end, 1, kLookMillis);
    if (ready < 0 && errno == EINTR) continue;
    if (ready != 0) break;
    const std::uint64_t now = cpu_ticks(child);
    if (now != before) alive();
    before = now;
  }
  ::close(handle);
}

}  // namespace

Result<void> run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                         Urgency urgency, const std::stop_token& stop, const Alive& alive) {
  SpawnPlan plan{{program.string()}};
  plan.words.insert(plan.words.end(), arguments.begin(), arguments.end());
  const auto spawned = spawn(plan);
  if (!spawned) return fail(spawned.error());
  const pid_t child = *spawned;
  if (urgency == Urgency::kBackground) ::setpriority(PRIO_PROCESS, static_cast<id_t>(child), 10);

  int status = 0;
  {
    // Until it is waited for its number cannot be another process's.
    const std::stop_callback end_it(stop, [child] { ::kill(child, SIGKILL); });
    if (alive) watch(child, alive);
    siginfo_t ended;
    while (::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) < 0) {
      if (errno != EINTR) return fail(error_from_errno(errno, "waiting for " + program.string()));
    }
  }
  ::waitpid(child, &status, 0);
  if (stop.stop_requested()) return fail(Code::kCancelled, program.filename().string() + " was stopped");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string end = WIFEXITED(status) ? "ended with code " + std::to_string(WEXITSTATUS(status))
                                            : "was ended by signal " + std::to_string(WTERMSIG(status));
  return fail(Code::kInternal, program.filename().string() + " " + end);
}

void end_with_parent() { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }

}  // namespace hearth::base
