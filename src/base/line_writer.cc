#include "base/line_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <string>

namespace hearth::base {
namespace {

/// Opened anew, because O_NONBLOCK would belong to every process that shares the old one: a shell, say. -1 where it
/// cannot be, and for files, which always have room.
int open_without_blocking(int descriptor) {
  struct stat about {};
  if (::fstat(descriptor, &about) != 0) return -1;
  if (!S_ISFIFO(about.st_mode) && ::isatty(descriptor) == 0) return -1;
  const std::string path = fmt::format("/proc/self/fd/{}", descriptor);
  return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

Millis left_until(Instant deadline) {
  return std::max(std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now()), Millis{0});
}

/// For one write of PIPE_BUF bytes, so that it does not block.
bool has_room(int descriptor, Millis patience) {
  pollfd room{.fd = descriptor, .events = POLLOUT, .revents = 0};
  int ready = -1;
  do {
    ready = ::poll(&room, 1, static_cast<int>(patience.count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

LineWriter::LineWriter(int descriptor, Millis patience)
    : own_(open_without_blocking(descriptor)),
      descriptor_(own_.number() >= 0 ? own_.number() : descriptor),
      patience_(patience) {}

bool LineWriter::write(std::string_view line) {
  std::string text;
  if (is_cut_) text += '\n';
  if (lost_ > 0) text += fmt::format("{} line{} lost here: nobody read them\n", lost_, lost_ == 1 ? "" : "s");
  const std::size_t before = text.size();
  text += line;
  const std::size_t done = put(text, lost_ > 0 ? Millis{0} : patience_);
  if (done > 0) is_cut_ = text[done - 1] != '\n';
  if (done >= before) lost_ = 0;
  if (done == text.size()) return true;
  ++lost_;
  return false;
}

std::size_t LineWriter::put(std::string_view text, Millis patience) const {
  constexpr Millis kPause{5};
  const Instant deadline = std::chrono::steady_clock::now() + patience;
  std::size_t done = 0;
  while (done < text.size()) {
    if (own_.number() < 0 && !has_room(descriptor_, left_until(deadline))) break;
    const ssize_t count = ::write(descriptor_, text.data() + done, std::min<std::size_t>(text.size() - done, PIPE_BUF));
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      if (left_until(deadline) == Millis{0}) break;
      ::poll(nullptr, 0, static_cast<int>(kPause.count()));
    } else if (errno != EINTR) {
      break;
    }
  }
  return done;
}

}  // namespace hearth::base
