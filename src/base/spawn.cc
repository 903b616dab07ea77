#include "base/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <csignal>

namespace hearth::base {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));  // POSIX: they are not written
  out.push_back(nullptr);
  return out;
}

/// What happens to descriptors between fork and exec.
class Streams {
 public:
  explicit Streams(const SpawnPlan& plan) {
    posix_spawn_file_actions_init(&actions_);
    set(plan.input, STDIN_FILENO, O_RDONLY);
    set(plan.output, STDOUT_FILENO, O_WRONLY);
    set(plan.error, STDERR_FILENO, O_WRONLY);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
  }
  ~Streams() { posix_spawn_file_actions_destroy(&actions_); }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void set(int from, int to, int mode) {
    if (from == kNoStream) {
      posix_spawn_file_actions_addopen(&actions_, to, "/dev/null", mode, 0);
    } else {
      posix_spawn_file_actions_adddup2(&actions_, from, to);
    }
  }
  posix_spawn_file_actions_t actions_{};
};

class UsualSignals {
 public:
  UsualSignals() {
    posix_spawnattr_init(&how_);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    posix_spawnattr_setsigmask(&how_, &none);
    posix_spawnattr_setsigdefault(&how_, &all);
    posix_spawnattr_setflags(&how_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~UsualSignals() { posix_spawnattr_destroy(&how_); }
  UsualSignals(const UsualSignals&) = delete;
  UsualSignals& operator=(const UsualSignals&) = delete;
  [[nodiscard]] const posix_spawnattr_t* get() const { return &how_; }

 private:
  posix_spawnattr_t how_{};
};

}  // namespace

Result<pid_t> spawn(const SpawnPlan& plan) {
  const std::vector<char*> argv = pointers(plan.words);
  const std::vector<char*> given = plan.environment ? pointers(*plan.environment) : std::vector<char*>();
  const Streams streams(plan);
  const UsualSignals signals;
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, argv[0], streams.get(), signals.get(), argv.data(),
                                   plan.environment ? given.data() : environ);
  if (error != 0) return fail(error_from_errno(error, "starting " + plan.words.front()));
  return process;
}

}  // namespace hearth::base
