#include "measure/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

#include "base/files.h"

namespace hearth::measure {
namespace {

using Clock = Process::Clock;

Clock::time_point soon() { return Clock::now() + std::chrono::seconds(30); }

TEST(Process, FindsTheLineThatIsWaitedFor) {
  auto process =
      Process::start({"sh", "-c", "echo one; echo two at 7; exec sleep 600"}, Process::Errors::kOurs).value();
  EXPECT_EQ(process.read_line_with("two", soon()).value(), "two at 7");
  EXPECT_TRUE(process.is_running());
}

TEST(Process, SaysThatItEndedWithoutTheLine) {
  auto process = Process::start({"true"}, Process::Errors::kOurs).value();
  EXPECT_EQ(process.read_line_with("ready", soon()).error().code, base::Code::kInternal);
}

TEST(Process, DoesNotWaitBeyondTheDeadline) {
  auto silent = Process::start({"sh", "-c", "exec sleep 600"}, Process::Errors::kOurs).value();
  EXPECT_EQ(silent.read_line_with("ready", Clock::now()).error().code, base::Code::kTimedOut);
}

TEST(Process, DoesNotHaveToWaitForAReader) {
  const auto folder = base::TempFolder::make("hearth-process").value();
  const std::string door = (folder.path() / "door").string();
  ASSERT_EQ(::mkfifo(door.c_str(), 0600), 0);
  const int fd = ::open(door.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  // A MiB that nobody asks for, and then a sign that does not take the same way.
  const char* script = "head -c 1048576 /dev/zero; echo through > \"$0\"; exec sleep 600";
  const auto process = Process::start({"sh", "-c", script, door}, Process::Errors::kOurs);
  ASSERT_TRUE(process);
  pollfd sign{fd, POLLIN, 0};
  EXPECT_EQ(::poll(&sign, 1, 30'000), 1) << "it stands still";
  ::close(fd);
}

TEST(Process, OfMuchOutputTheNewestIsKept) {
  const char* script = "echo first; head -c 4194304 /dev/zero | tr '\\0' '\\n'; echo last; exec sleep 600";
  auto process = Process::start({"sh", "-c", script}, Process::Errors::kOurs).value();
  EXPECT_EQ(process.read_line_with("last", soon()).value(), "last");
}

TEST(Process, AnUnknownProgramIsAnError) {
  EXPECT_EQ(Process::start({"/nowhere/program"}, Process::Errors::kOurs).error().code, base::Code::kNotFound);
  EXPECT_FALSE(Process::start({}, Process::Errors::kOurs));
}

TEST(Process, WhatItStartedEndsWithIt) {
  const Clock::time_point limit = soon();
  pid_t grandchild = 0;
  {
    auto process = Process::start({"sh", "-c", "sleep 600 & echo child $!; wait"}, Process::Errors::kOurs).value();
    const std::string line = process.read_line_with("child", soon()).value();
    grandchild = std::stoi(line.substr(line.find(' ')));
  }
  // It was told to end; until it is gone, or waits to be collected by whoever inherits it, this test waits too.
  std::string state;
  do {
    state = "gone";
    std::string number;
    std::string name;
    std::ifstream("/proc/" + std::to_string(grandchild) + "/stat") >> number >> name >> state;
    std::this_thread::yield();
  } while (state != "gone" && state != "Z" && Clock::now() < limit);
  EXPECT_TRUE(state == "gone" || state == "Z") << state;
}

}  // namespace
}  // namespace hearth::measure
