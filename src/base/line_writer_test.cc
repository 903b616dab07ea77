#include "base/line_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <thread>

namespace hearth::base {
namespace {

constexpr Millis kPatience{50};
constexpr Millis kLongest{5'000};  // on a machine that is busy; for ever would be the fault

/// Two ends of something that has only so much room.
struct Ends {
  Ends(int read, int write) : reader(read), writer(write) {}
  Descriptor reader;
  Descriptor writer;
};

Ends small_pipe() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  EXPECT_GT(::fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
  return {ends[0], ends[1]};
}

Ends terminal() {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  EXPECT_TRUE(::grantpt(master) == 0 && ::unlockpt(master) == 0);
  char name[64] = {};
  EXPECT_EQ(::ptsname_r(master, name, sizeof name), 0);
  return {master, ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)};
}

Ends stream() {  // cannot be opened a second time
  int ends[2] = {-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  return {ends[0], ends[1]};
}

/// All that can be read now.
std::string drain(const Descriptor& reader) {
  std::string all;
  pollfd there{.fd = reader.number(), .events = POLLIN, .revents = 0};
  while (::poll(&there, 1, 100) > 0) {
    char piece[4096];
    const ssize_t count = ::read(reader.number(), piece, sizeof piece);
    if (count <= 0) break;
    all.append(piece, static_cast<std::size_t>(count));
  }
  return all;
}

/// A terminal hands on what was written in its own time.
std::string read_until(const Descriptor& reader, const std::string& what) {
  const Instant latest = std::chrono::steady_clock::now() + kLongest;
  std::string all;
  while (all.find(what) == std::string::npos && std::chrono::steady_clock::now() < latest) all += drain(reader);
  return all;
}

int count_until_dropped(LineWriter& writer) {
  int written = 0;
  while (writer.write("line " + std::to_string(written) + "\n")) ++written;
  return written;
}

template <typename Work>
Duration time_of(const Work& work) {
  const Instant begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::steady_clock::now() - begin;
}

TEST(LineWriter, WhoeverReadsGetsEveryLine) {
  const Ends pipe = small_pipe();
  LineWriter writer(pipe.writer.number(), kPatience);
  EXPECT_TRUE(writer.write("one\n"));
  EXPECT_TRUE(writer.write("two\n"));
  EXPECT_EQ(drain(pipe.reader), "one\ntwo\n");
}

TEST(LineWriter, AFullPipeCostsOneWaitAndThenNoneUntilItIsReadAgain) {
  const Ends pipe = small_pipe();
  LineWriter writer(pipe.writer.number(), kPatience);
  const Duration first = time_of([&] { EXPECT_GT(count_until_dropped(writer), 100); });
  EXPECT_GE(first, kPatience);
  EXPECT_LT(first, kLongest);
  const Duration more = time_of([&] {
    for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(writer.write("more\n"));
  });
  EXPECT_LT(more, kLongest) << "and not a thousand times the patience";
  const std::string before = drain(pipe.reader);
  EXPECT_TRUE(before.starts_with("line 0\n") && before.ends_with("\n"));
  EXPECT_TRUE(writer.write("again\n"));
  EXPECT_TRUE(writer.write("and again\n"));
  EXPECT_EQ(drain(pipe.reader), "1001 lines lost here: nobody read them\nagain\nand again\n");
}

TEST(LineWriter, ASlowReaderIsWaitedFor) {
  const Ends pipe = small_pipe();
  LineWriter impatient(pipe.writer.number(), Millis{0});
  count_until_dropped(impatient);
  LineWriter writer(pipe.writer.number(), kLongest);
  const std::jthread reader([&] { EXPECT_FALSE(drain(pipe.reader).empty()); });
  EXPECT_TRUE(writer.write("line\n"));
}

TEST(LineWriter, WhatFollowsALineThatWasCutBeginsItsOwn) {
  const Ends pipe = small_pipe();
  LineWriter writer(pipe.writer.number(), kPatience);
  EXPECT_FALSE(writer.write(std::string(6'000, 'a') + "\n"));
  EXPECT_EQ(drain(pipe.reader), std::string(4'096, 'a'));
  EXPECT_TRUE(writer.write("again\n"));
  EXPECT_EQ(drain(pipe.reader), "\n1 line lost here: nobody read them\nagain\n");
}

TEST(LineWriter, ATerminalThatIsHeldIsNotWaitedFor) {
  const Ends tty = terminal();
  LineWriter writer(tty.writer.number(), kPatience);
  ASSERT_EQ(::tcflow(tty.writer.number(), TCOOFF), 0);  // as Ctrl-S does
  const Duration held = time_of([&] {
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(writer.write("held\n"));
  });
  EXPECT_LT(held, kLongest);
  ASSERT_EQ(::tcflow(tty.writer.number(), TCOON), 0);
  EXPECT_TRUE(writer.write("again\n"));
  EXPECT_EQ(read_until(tty.reader, "again\r\n"), "100 lines lost here: nobody read them\r\nagain\r\n");
}

TEST(LineWriter, ATerminalThatNobodyReadsTakesPartOfALineAndBlocksNobody) {
  const Ends tty = terminal();
  LineWriter writer(tty.writer.number(), kPatience);
  const Duration took = time_of([&] { EXPECT_GT(count_until_dropped(writer), 100); });
  EXPECT_LT(took, kLongest);
  EXPECT_FALSE(writer.write("lost\n"));
  EXPECT_FALSE(read_until(tty.reader, "line 0\r\n").empty());
  EXPECT_TRUE(writer.write("again\n"));
  EXPECT_NE(read_until(tty.reader, "again\r\n").find(" lost here: nobody read them\r\nagain\r\n"), std::string::npos);
}

TEST(LineWriter, WhatCannotBeOpenedAgainIsAskedForRoomFirst) {
  const Ends socket = stream();
  LineWriter writer(socket.writer.number(), kPatience);
  const Duration took = time_of([&] { EXPECT_GT(count_until_dropped(writer), 10); });
  EXPECT_LT(took, kLongest);
  drain(socket.reader);
  EXPECT_TRUE(writer.write("again\n"));
  EXPECT_EQ(drain(socket.reader), "1 line lost here: nobody read them\nagain\n");
}

TEST(LineWriter, AFileAlwaysHasRoomAndABrokenPipeTakesNothing) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  LineWriter writer(::fileno(file), kPatience);
  EXPECT_TRUE(writer.write(std::string(100'000, 'a') + "\n"));
  EXPECT_EQ(::lseek(::fileno(file), 0, SEEK_END), 100'001);
  std::fclose(file);

  const auto former = ::signal(SIGPIPE, SIG_IGN);
  Ends pipe = small_pipe();
  LineWriter broken(pipe.writer.number(), kPatience);
  pipe.reader.close();
  EXPECT_FALSE(broken.write("nobody\n"));
  ::signal(SIGPIPE, former);
  LineWriter none(-1, kPatience);
  EXPECT_FALSE(none.write("nobody\n"));
}

}  // namespace
}  // namespace hearth::base
