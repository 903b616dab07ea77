#include "media/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/environment.h"
#include "base/spawn.h"

namespace hearth::media {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr int kPipe = 1 << 20;  // bytes; the usual 64 KiB would be a switch of processes each
constexpr const char* kHarm = "it is damaged or made to do harm; send it in another format";

/// Nothing of the server's own environment, where keys may be.
std::vector<std::string> environment() {
  std::vector<std::string> lines = base::library_environment();
  lines.emplace_back("LC_ALL=C.UTF-8");
  return lines;
}

Result<pid_t> spawn(const ChildPlan& plan, int input, int output) {
  base::SpawnPlan how{{plan.program.string()}, input, output, base::kNoStream, environment()};
  how.words.insert(how.words.end(), plan.words.begin(), plan.words.end());
  auto process = base::spawn(how);
  if (!process && process.error().code == Code::kNotFound) {
    return fail(Code::kNotFound, "hearth-media is not beside the program hearth",
                "copy it and its modules there from a build of this version; in a source tree: make build");
  }
  return process;
}

/// What a program that may be taken over says, fit for a log and for JSON.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 400)) out += c >= ' ' && c < 0x7f ? c : '?';
  return out;
}

}  // namespace

Child::Child(pid_t process, int from, base::Millis silence, Places::Place place)
    : process_(process), from_(from), silence_(silence), left_(silence), place_(std::move(place)) {}

Result<std::unique_ptr<Child>> Child::start(const ChildPlan& plan, const MemoryFile& file, Places& places,
                                            const std::stop_token& stop) {
  auto place = places.enter(stop);
  if (!place) return fail(place.error());
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(base::error_from_errno(errno, "making a pipe"));
  ::fcntl(ends[0], F_SETPIPE_SZ, kPipe);
  auto process = spawn(plan, file.descriptor(), ends[1]);
  ::close(ends[1]);
  if (!process) {
    ::close(ends[0]);
    return fail(process.error());
  }
  return std::unique_ptr<Child>(new Child(*process, ends[0], plan.silence, std::move(*place)));
}

Child::~Child() {
  if (!is_reaped_) {
    ::kill(process_, SIGKILL);
    reap();
  }
  ::close(from_);
}

Result<FrameHead> Child::next(const std::stop_token& stop) {
  FrameHead head;
  left_ = silence_;
  if (auto got = read(std::as_writable_bytes(std::span(&head, 1)), stop); !got) return fail(got.error());
  left_ = silence_;
  if (head.kind == FrameKind::kError) {
    auto said = read_error(head, stop);
    return fail(said ? std::move(*said) : std::move(said.error()));
  }
  const bool is_known = head.kind >= FrameKind::kError && head.kind <= FrameKind::kEnd;
  if (!is_known || (head.kind != FrameKind::kPage && head.bytes > kMostFrame)) return nonsense();
  return head;
}

Result<base::Error> Child::read_error(const FrameHead& head, const std::stop_token& stop) {
  Fault fault{};
  if (head.bytes < sizeof fault || head.bytes > kMostFrame) return nonsense();
  std::string text(head.bytes - sizeof fault, '\0');
  if (auto got = read(std::as_writable_bytes(std::span(&fault, 1)), stop); !got) return fail(got.error());
  if (auto got = read(std::as_writable_bytes(std::span(text)), stop); !got) return fail(got.error());
  const std::size_t line = std::min(text.find('\n'), text.size());
  const Code code = fault == Fault::kCannot ? Code::kUnsupported : Code::kInvalidArgument;
  return base::Error{code, plain(std::string_view(text).substr(0, line)),
                     line < text.size() ? plain(std::string_view(text).substr(line + 1)) : std::string()};
}

Result<void> Child::read(std::span<std::byte> to, const std::stop_token& stop) {
  // Its number stays its own until it is waited for, which is after this has gone.
  const std::stop_callback end_it(stop, [this] { ::kill(process_, SIGKILL); });
  while (!to.empty()) {
    if (!wait_for_byte()) {
      was_silent_ = true;
      ::kill(process_, SIGKILL);
      return fail(why_it_ended(stop));
    }
    const ssize_t n = ::read(from_, to.data(), to.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail(why_it_ended(stop));
    to = to.subspan(static_cast<std::size_t>(n));
  }
  if (stop.stop_requested()) return fail(Code::kCancelled, "who asked for the file has gone");
  return {};
}

bool Child::wait_for_byte() {
  for (;;) {
    pollfd waiting{from_, POLLIN, 0};
    const base::Instant begun = std::chrono::steady_clock::now();
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::chrono::ceil<base::Millis>(left_).count()));
    const bool was_interrupted = ready < 0 && errno == EINTR;
    left_ = std::max(left_ - (std::chrono::steady_clock::now() - begun), base::Duration::zero());
    if (!was_interrupted) return ready != 0;
  }
}

int Child::reap() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  is_reaped_ = true;
  return status;
}

base::Error Child::why_it_ended(const std::stop_token& stop) {
  if (stop.stop_requested()) return {Code::kCancelled, "who asked for the file has gone", {}};
  if (was_silent_) {
    return {Code::kInvalidArgument, "its decoder came to nothing in " + std::to_string(silence_.count() / 1000) + " s",
            kHarm};
  }
  // Where it has not ended but only shut its mouth. One that is ending keeps the cause that it had.
  ::kill(process_, SIGKILL);
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  const bool was_killed = ended.si_code == CLD_KILLED || ended.si_code == CLD_DUMPED;
  if (!was_killed) {
    return {Code::kInvalidArgument,
            "its decoder gave up (exit code " + std::to_string(ended.si_status) +
                "), as it does when a file wants more memory than it may have",
            kHarm};
  }
  if (ended.si_status == SIGKILL) {
    return {Code::kExhausted, "its decoder was ended by the system, as when memory runs out", "try again later"};
  }
  if (ended.si_status == SIGXCPU) {
    return {Code::kInvalidArgument, "its decoder came to nothing in the processor time that a step may take", kHarm};
  }
  return {Code::kInvalidArgument,
          "its decoder crashed (signal " + std::to_string(ended.si_status) + ", " + ::strsignal(ended.si_status) + ")",
          kHarm};
}

tl::unexpected<base::Error> Child::nonsense() {
  return fail(Code::kInvalidArgument, "its decoder was led astray: it says what cannot be", kHarm);
}

}  // namespace hearth::media
