#include "measure/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <thread>
#include <utility>

#include "base/child.h"
#include "base/files.h"
#include "base/mutex.h"

namespace hearth::measure {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kMostUnread = 1 << 20;  // bytes of output that are kept for whoever asks

std::atomic<pid_t> running_group{0};  // what a signal has to end

void on_signal(int) {
  if (const pid_t group = running_group.load(); group > 0) ::kill(-group, SIGKILL);
  ::_exit(130);
}

}  // namespace

/// What a program prints, read by a thread of its own until the program or this ends.
class Process::Output {
 public:
  /// Takes both: the pipe's end, and an eventfd that ends the reading, for a program that has left the group may keep
  /// the pipe open for ever.
  Output(int from, int bell) : from_(from), bell_(bell), thread_([this] { run(); }) {}
  ~Output() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t rung = ::write(bell_, &one, sizeof one);
    thread_.join();
    ::close(from_);
    ::close(bell_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Result<std::string> find_line(std::string_view part, Clock::time_point deadline) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    for (;;) {
      std::size_t begin = 0;
      for (std::size_t end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n', begin)) {
        std::string line = unread_.substr(begin, end - begin);
        begin = end + 1;
        if (line.find(part) == std::string::npos) continue;
        unread_.erase(0, begin);
        return line;
      }
      unread_.erase(0, begin);
      if (has_ended_) {
        return fail(Code::kInternal, "it ended before it said \"" + std::string(part) + "\"",
                    "its own message is above");
      }
      if (Clock::now() >= deadline) {
        return fail(Code::kTimedOut, "it did not say \"" + std::string(part) + "\" in time");
      }
      changed_.wait_until(mutex_, deadline);
    }
  }

 private:
  void run() EXCLUDES(mutex_) {
    std::array<char, 16384> block{};
    for (;;) {
      std::array<pollfd, 2> waiting{pollfd{from_, POLLIN, 0}, pollfd{bell_, POLLIN, 0}};
      const bool came = ::poll(waiting.data(), waiting.size(), -1) > 0;
      if (!came && errno == EINTR) continue;
      if (!came || waiting[1].revents != 0) break;
      const ssize_t n = ::read(from_, block.data(), block.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      keep({block.data(), static_cast<std::size_t>(n)});
    }
    const base::MutexLock lock(mutex_);
    has_ended_ = true;
    changed_.notify_all();
  }
  void keep(std::string_view bytes) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    unread_ += bytes;
    if (unread_.size() > 2 * kMostUnread) unread_.erase(0, unread_.size() - kMostUnread);
    changed_.notify_all();
  }

  const int from_;
  const int bell_;
  base::Mutex mutex_;
  base::CondVar changed_;
  std::string unread_ GUARDED_BY(mutex_);
  bool has_ended_ GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses the others
};

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
  const int bell = ::eventfd(0, EFD_CLOEXEC);
  if (bell < 0) {
    const int error = errno;
    for (const int end : {output[0], output[1], failure[0], failure[1]}) ::close(end);
    return fail(base::error_from_errno(error, "making an event"));
  }
  const pid_t parent = ::getpid();
  const int null = errors == Errors::kDropped ? ::open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
  const Clock::time_point exec = Clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0);
    base::end_with_parent();
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
    ::close(bell);
    if (child > 0) ::waitpid(child, nullptr, 0);
    return fail(base::error_from_errno(error, "starting " + words.front()));
  }
  ::setpgid(child, child);  // so that the group exists before we could want to end it
  running_group.store(child);
  Process process(child, exec);
  process.output_ = std::make_unique<Output>(output[0], bell);
  return process;
}

Process::Process(pid_t pid, Clock::time_point exec) : pid_(pid), exec_(exec) {}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exec_(other.exec_), output_(std::move(other.output_)) {}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    running_group.store(0);
    ::waitpid(pid_, nullptr, 0);
  }
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
  return output_->find_line(part, deadline);
}

}  // namespace hearth::measure
