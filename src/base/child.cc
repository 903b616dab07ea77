#include "base/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace hearth::base {

std::filesystem::path program_folder() {
  std::error_code ec;
  return std::filesystem::read_symlink("/proc/self/exe", ec).parent_path();
}

Result<void> run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                         Urgency urgency, const std::stop_token& stop) {
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(error_from_errno(error, "starting " + program.string()));
  if (urgency == Urgency::kBackground) ::setpriority(PRIO_PROCESS, static_cast<id_t>(child), 10);

  int status = 0;
  {
    // Until it is waited for its number cannot be another process's.
    const std::stop_callback end_it(stop, [child] { ::kill(child, SIGKILL); });
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

}  // namespace hearth::base
