#include "measure/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <utility>

#include "base/child.h"
#include "base/files.h"

namespace hearth::measure {

using base::Code;
using base::fail;
using base::Result;

namespace {

std::atomic<pid_t> running_group{0};  // what a signal has to end

void on_signal(int) {
  if (const pid_t group = running_group.load(); group > 0) ::kill(-group, SIGKILL);
  ::_exit(130);
}

}  // namespace

void end_processes_on_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, on_signal);
}

Result<Process> Process::start(const std::vector<std::string>& words, Errors errors) {
  if (words.empty()) return fail(Code::kInvalidArgument, "there is no command to start");
  std::vector<std::string> kept = words;
  std::vector<char*> argv;
  for (std::string& word : kept) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::array<int, 2> output{};
  std::array<int, 2> failure{};  // carries errno out of the child; closed by a successful exec
  if (::pipe2(output.data(), O_CLOEXEC) != 0) return fail(base::error_from_errno(errno, "making a pipe"));
  if (::pipe2(failure.data(), O_CLOEXEC) != 0) {
    const int error = errno;
    ::close(output[0]);
    ::close(output[1]);
    return fail(base::error_from_errno(error, "making a pipe"));
  }
  const pid_t parent = ::getpid();
  const int null = errors == Errors::kDropped ? ::open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
  const Clock::time_point exec = Clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(output[1], STDOUT_FILENO);
    if (null >= 0) ::dup2(null, STDERR_FILENO);
    ::execvp(argv[0], argv.data());
    const int error = errno;
    [[maybe_unused]] const ssize_t told = ::write(failure[1], &error, sizeof error);
    ::_exit(127);
  }
  ::close(output[1]);
  ::close(failure[1]);
  if (null >= 0) ::close(null);
  int error = child < 0 ? errno : 0;
  if (child > 0 && ::read(failure[0], &error, sizeof error) <= 0) error = 0;
  ::close(failure[0]);
  if (error != 0) {
    ::close(output[0]);
    if (child > 0) ::waitpid(child, nullptr, 0);
    return fail(base::error_from_errno(error, "starting " + words.front()));
  }
  ::setpgid(child, child);  // so that the group exists before we could want to end it
  running_group.store(child);
  return Process(child, output[0], exec);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::exchange(other.out_, -1)),
      exec_(other.exec_),
      unread_(std::move(other.unread_)) {}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    running_group.store(0);
    ::waitpid(pid_, nullptr, 0);
  }
  if (out_ >= 0) ::close(out_);
}

double Process::ms_since_exec() const {
  return std::chrono::duration<double, std::milli>(Clock::now() - exec_).count();
}

bool Process::is_running() const {
  siginfo_t ended{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
}

Usage parse_usage(std::string_view status, std::string_view stat, long ticks_per_second) {
  const auto kilobytes = [status](std::string_view key) {
    const std::size_t at = status.find(key);
    if (at == std::string_view::npos) return base::Bytes{};
    std::string_view rest = status.substr(at + key.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    std::int64_t number = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), number);
    return base::Bytes{number * 1024};
  };
  Usage usage;
  usage.resident = kilobytes("VmRSS:");
  usage.peak = kilobytes("VmHWM:");
  const auto ticks = base::parse_cpu_ticks(stat);
  if (ticks && ticks_per_second > 0) {
    usage.cpu_ms = static_cast<double>(*ticks) * 1000.0 / static_cast<double>(ticks_per_second);
  }
  return usage;
}

Usage Process::usage() const {
  const std::string folder = "/proc/" + std::to_string(pid_);
  const auto status = base::read_file(folder + "/status");
  const auto stat = base::read_file(folder + "/stat");
  return parse_usage(status.value_or(""), stat.value_or(""), ::sysconf(_SC_CLK_TCK));
}

Result<std::string> Process::read_line_with(std::string_view part, Clock::time_point deadline) {
  for (;;) {
    for (std::size_t end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n')) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      if (line.find(part) != std::string::npos) return line;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wait{out_, POLLIN, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) {
      return fail(Code::kTimedOut, "it did not say \"" + std::string(part) + "\" in time");
    }
    std::array<char, 4096> block{};
    const ssize_t n = ::read(out_, block.data(), block.size());
    if (n <= 0) {
      return fail(Code::kInternal, "it ended before it said \"" + std::string(part) + "\"", "its own message is above");
    }
    unread_.append(block.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace hearth::measure
