// What hearth-media would be if a file had taken it over: says what its first word names, and ends, or does not.

#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "media/frames.h"

namespace {

using namespace hearth::media;

void say(const void* bytes, std::size_t count) {
  if (::write(STDOUT_FILENO, bytes, count) != static_cast<ssize_t>(count)) std::_Exit(9);
}
void head(FrameKind kind, std::size_t bytes) {
  const FrameHead made{kind, static_cast<std::uint32_t>(bytes)};
  say(&made, sizeof made);
}
template <typename T>
void frame(FrameKind kind, const T& payload) {
  head(kind, sizeof payload);
  say(&payload, sizeof payload);
}
void samples(std::size_t count) {
  const std::vector<float> sound(count, 0.5F);
  head(FrameKind::kSamples, count * sizeof(float));
  say(sound.data(), count * sizeof(float));
}
/// Each byte as soon as the one before it has been read: nobody waits long for any of them.
void drip(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    int unread = 0;
    while (::ioctl(STDOUT_FILENO, FIONREAD, &unread) == 0 && unread > 0) ::sched_yield();
    say("x", 1);
  }
}
void page(int number, int width, int height, std::size_t bytes) {
  const PageFrame said{number, width, height, 100};
  head(FrameKind::kPage, sizeof said + bytes);
  say(&said, sizeof said);
  const std::vector<char> pixels(bytes, 7);
  say(pixels.data(), bytes);
}
void error(Fault fault, const std::string& text) {
  head(FrameKind::kError, sizeof fault + text.size());
  say(&fault, sizeof fault);
  say(text.data(), text.size());
}

/// Of a document with as many pages as `of`, those from "first-last".
void pages(int of, std::string_view wanted) {
  frame(FrameKind::kDocument, DocumentFrame{of});
  const int first = std::atoi(wanted.data());
  const std::size_t dash = wanted.find('-');
  const int last = dash == std::string_view::npos ? first : std::atoi(wanted.data() + dash + 1);
  for (int i = first; i <= last; ++i) page(i, 2, i, 6 * static_cast<std::size_t>(i));
  head(FrameKind::kEnd, 0);
}

bool misbehave(std::string_view what) {
  if (what == "crash") {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::signal(SIGSEGV, SIG_DFL);
    ::raise(SIGSEGV);
  } else if (what == "spin") {
    ::raise(SIGXCPU);
  } else if (what == "killed") {
    ::raise(SIGKILL);
  } else if (what == "gives up") {
    std::_Exit(3);
  } else if (what == "hang") {
    ::pause();
  } else if (what == "falls silent") {
    ::close(STDOUT_FILENO);
    ::pause();
  } else {
    return false;
  }
  return true;
}

bool speak(std::string_view what) {
  if (what == "sound") {
    frame(FrameKind::kSound, SoundFrame{8'000, 2, 300, 200});
    samples(400);
    samples(200);
    head(FrameKind::kEnd, 0);
  } else if (what == "breaks off") {
    frame(FrameKind::kSound, SoundFrame{8'000, 1, 16'000, 8'000});
    samples(100);
    head(FrameKind::kEnd, 0);
  } else if (what == "crashes later") {
    frame(FrameKind::kSound, SoundFrame{8'000, 1, -1, 0});
    samples(100);
    misbehave("crash");
  } else if (what == "endless") {
    frame(FrameKind::kSound, SoundFrame{8'000, 1, -1, 0});
    for (;;) samples(1'000);
  } else if (what == "no rate") {
    frame(FrameKind::kSound, SoundFrame{0, 1, -1, 0});
  } else if (what == "many channels") {
    frame(FrameKind::kSound, SoundFrame{8'000, 2'000'000'000, -1, 0});
  } else if (what == "half a frame") {
    frame(FrameKind::kSound, SoundFrame{8'000, 2, -1, 0});
    samples(3);
  } else if (what == "huge") {
    head(FrameKind::kSamples, 0xffffffffU);
  } else if (what == "no such frame") {
    head(static_cast<FrameKind>(77), 0);
  } else if (what == "short head") {
    frame(FrameKind::kSound, std::uint32_t{1});
  } else if (what == "locked") {
    error(Fault::kBadFile, "it is locked\nsend it\x01 open");
  } else if (what == "cannot") {
    error(Fault::kCannot, "no poppler\ninstall it");
  } else if (what == "environment") {
    std::string all;
    for (char** line = environ; *line != nullptr; ++line) all += std::string(*line) + ' ';
    error(Fault::kBadFile, all);
  } else {
    return false;
  }
  return true;
}

bool draw(std::string_view what, std::string_view wanted) {
  if (what == "pages") {
    pages(5, wanted);
  } else if (what == "changes its mind") {
    pages(wanted.find('-') == std::string_view::npos ? 5 : 6, wanted);
  } else if (what == "large page") {
    frame(FrameKind::kDocument, DocumentFrame{1});
    page(1, 5'000, 5'000, 3 * 5'000 * 5'000);
  } else if (what == "another page") {
    frame(FrameKind::kDocument, DocumentFrame{5});
    page(3, 2, 2, 12);
  } else if (what == "wide page") {
    frame(FrameKind::kDocument, DocumentFrame{1});
    page(1, 1'000'000, 1, 3);
  } else if (what == "too few pixels") {
    frame(FrameKind::kDocument, DocumentFrame{1});
    page(1, 10, 10, 6);
  } else if (what == "drips") {
    constexpr std::size_t kMuch = 4 << 20;
    head(FrameKind::kPage, kMuch);
    drip(kMuch);
  } else if (what == "no pages") {
    frame(FrameKind::kDocument, DocumentFrame{-1});
  } else {
    return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string_view what = argv[1];
  return misbehave(what) || speak(what) || draw(what, argc > 2 ? argv[2] : "1") ? 0 : 2;
}
