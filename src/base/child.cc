#include "base/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "base/environment.h"
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

constexpr Millis kLook{1000};  // between two looks at whether it works
constexpr Millis kNap{50};     // on old kernels, which have no descriptor of a process

/// What a program says, as far as anybody listens.
struct Speech {
  Descriptor from;  // closed where nobody listens, or it has said all
  std::size_t most = 0;
  std::string said;
};

void listen(Speech& speech) {
  std::array<char, 4096> block{};
  const ssize_t n = ::read(speech.from.number(), block.data(), block.size());
  if (n > 0) {
    speech.said.append(block.data(), static_cast<std::size_t>(n));
  } else if (n == 0 || errno != EINTR) {
    speech.from.close();
  }
}

std::uint64_t cpu_ticks(pid_t process) {
  const auto stat = read_file("/proc/" + std::to_string(process) + "/stat");
  return stat ? parse_cpu_ticks(*stat).value_or(0) : 0;
}

/// It stays to be waited for.
bool has_ended(pid_t process) {
  siginfo_t ended{};
  return ::waitid(P_PID, static_cast<id_t>(process), &ended, WEXITED | WNOWAIT | WNOHANG) != 0 || ended.si_pid != 0;
}

/// For ::poll(). Rounded up: a deadline must not be looked at again and again in its last millisecond.
int millis_until(Instant when, Millis most) {
  const auto left = std::chrono::ceil<Millis>(when - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp(left, Millis{0}, most).count());
}

enum class End { kByItself, kTooLate, kTooMuch };

/// What it said between the last look and its end. False when that is more than it may say.
bool take_last_words(Speech& speech) {
  pollfd waiting{speech.from.number(), POLLIN, 0};
  while (::poll(&waiting, 1, 0) > 0) {
    listen(speech);
    if (speech.said.size() > speech.most) return false;
    waiting.fd = speech.from.number();
  }
  return true;
}

/// Waits until `process` has ended, or has to be; looks after it meanwhile, and takes what it says.
End follow(pid_t process, Instant deadline, const Alive& alive, Speech& speech) {
  const Descriptor life(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  std::uint64_t ticks_before = 0;
  Instant look = std::chrono::steady_clock::now() + kLook;
  for (;;) {
    // poll() passes over a descriptor that is negative.
    std::array<pollfd, 2> waiting = {{{life.number(), POLLIN, 0}, {speech.from.number(), POLLIN, 0}}};
    ::poll(waiting.data(), waiting.size(), millis_until(std::min(deadline, look), life.number() < 0 ? kNap : kLook));
    if (waiting[1].revents != 0) {
      listen(speech);
      if (speech.said.size() > speech.most) return End::kTooMuch;
    } else if (has_ended(process)) {  // whoever else holds the other end of what it wrote to is not waited for
      return take_last_words(speech) ? End::kByItself : End::kTooMuch;
    }
    const Instant now = std::chrono::steady_clock::now();
    if (now >= deadline) return End::kTooLate;
    if (now < look) continue;
    look = now + kLook;
    if (!alive) continue;
    const std::uint64_t ticks = cpu_ticks(process);
    if (ticks != ticks_before) alive();
    ticks_before = ticks;
  }
}

/// "NAME=value" lines with our number among them.
std::vector<std::string> environment_for(const RunOptions& how) {
  std::vector<std::string> lines = how.environment ? *how.environment : whole_environment();
  const std::string start = std::string(kStartedBy) + "=";
  std::erase_if(lines, [&start](const std::string& line) { return line.starts_with(start); });
  lines.push_back(start + std::to_string(::getpid()));
  return lines;
}

Result<void> judge(const std::string& name, int status, End end, const RunOptions& how, std::size_t most) {
  if (how.stop.stop_requested()) return fail(Code::kCancelled, name + " was stopped");
  switch (end) {
    case End::kTooLate:
      return fail(Code::kTimedOut,
                  name + " did not end within " + std::to_string(how.limit.value_or(Millis{0}).count()) + " ms");
    case End::kTooMuch:
      return fail(Code::kExhausted, name + " said more than " + std::to_string(most) + " bytes");
    case End::kByItself:
      break;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how_it_ended = WIFEXITED(status) ? "ended with code " + std::to_string(WEXITSTATUS(status))
                                                     : "was ended by signal " + std::to_string(WTERMSIG(status));
  return fail(Code::kInternal, name + " " + how_it_ended);
}

/// `output` is where the program writes to, `speech` where that comes out.
Result<void> run(SpawnPlan plan, Descriptor& output, Speech& speech, const RunOptions& how) {
  const Instant deadline = how.limit ? std::chrono::steady_clock::now() + *how.limit : Instant::max();
  plan.output = output.number() < 0 ? kNoStream : output.number();
  plan.environment = environment_for(how);
  const auto spawned = spawn(plan);
  output.close();  // or what it says would never end
  if (!spawned) return fail(spawned.error());
  const pid_t process = *spawned;
  if (how.urgency == Urgency::kBackground) ::setpriority(PRIO_PROCESS, static_cast<id_t>(process), 10);
  End end = End::kByItself;
  {
    // Until it is waited for its number cannot be another process's.
    const std::stop_callback end_it(how.stop, [process] { ::kill(process, SIGKILL); });
    end = follow(process, deadline, how.alive, speech);
    if (end != End::kByItself) ::kill(process, SIGKILL);
  }
  int status = 0;
  while (::waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) return fail(error_from_errno(errno, "waiting for " + plan.words.front()));
  }
  return judge(std::filesystem::path(plan.words.front()).filename().string(), status, end, how, speech.most);
}

SpawnPlan plan_for(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
  SpawnPlan plan{{program.string()}};
  plan.words.insert(plan.words.end(), arguments.begin(), arguments.end());
  return plan;
}

}  // namespace

Result<void> run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                         const RunOptions& how) {
  Descriptor nowhere(-1);
  Speech unheard{Descriptor(-1), 0, {}};
  return run(plan_for(program, arguments), nowhere, unheard, how);
}

Result<std::string> read_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                                 Bytes most, const RunOptions& how) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(error_from_errno(errno, "starting " + program.string()));
  Descriptor output(ends[1]);
  Speech speech{Descriptor(ends[0]), static_cast<std::size_t>(most.count), {}};
  if (auto ran = run(plan_for(program, arguments), output, speech, how); !ran) return fail(std::move(ran.error()));
  return std::move(speech.said);
}

void end_with_parent() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const char* started_by = std::getenv(kStartedBy);
  if (started_by == nullptr) return;  // by hand
  if (std::to_string(::getppid()) != started_by) ::_exit(1);
}

}  // namespace hearth::base
