#include "base/child.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stop_token>

namespace hearth::base {
namespace {

TEST(ParseCpuTicks, SumsTheProcessAndItsEndedChildren) {
  const std::string stat = "42 (a) name) S 1 42 42 0 -1 4194560 100 0 0 0 11 22 33 44 20 0 1 0 12345 1 2 3";
  EXPECT_EQ(parse_cpu_ticks(stat), 110U);
}

TEST(ParseCpuTicks, DamageIsNothing) {
  for (const char* text : {"", "42", "42 (a", "42 (a) S 1 2 3", "42 (a) S 1 2 3 4 5 6 7 8 9 10 x 22 33 44 20"}) {
    EXPECT_FALSE(parse_cpu_ticks(text)) << text;
  }
}

TEST(RunProgram, TellsHowItEnded) {
  EXPECT_TRUE(run_program("/bin/true", {}));
  const auto failed = run_program("/bin/sh", {"-c", "exit 7"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kInternal);
  EXPECT_NE(failed.error().message.find("code 7"), std::string::npos);
  const auto killed = run_program("/bin/sh", {"-c", "kill -9 $$"}, Urgency::kBackground, {}, [] {});
  ASSERT_FALSE(killed);
  EXPECT_NE(killed.error().message.find("signal 9"), std::string::npos);
  EXPECT_EQ(run_program("/nowhere/program", {}).error().code, Code::kNotFound);
}

TEST(RunProgram, AProgramThatWorksShowsLifeAndStopEndsIt) {
  std::stop_source stop;
  int looks = 0;
  const auto ended = run_program("/bin/sh", {"-c", "while :; do :; done"}, Urgency::kForeground, stop.get_token(), [&] {
    ++looks;
    stop.request_stop();
  });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kCancelled);
  EXPECT_EQ(looks, 1);
}

TEST(EndWithParent, WhoWorksForAnotherDoesNotOutliveIt) {
  int alive[2];  // its writing end is open as long as the worker lives
  int bound[2];
  ASSERT_EQ(::pipe(alive), 0);
  ASSERT_EQ(::pipe(bound), 0);
  const pid_t parent = ::fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    if (::fork() == 0) {
      end_with_parent();
      if (::write(bound[1], "x", 1) == 1) ::poll(nullptr, 0, -1);
      ::_exit(1);
    }
    char word = 0;
    ::_exit(::read(bound[0], &word, 1) == 1 ? 0 : 1);
  }
  ::close(alive[1]);
  int status = 0;
  ASSERT_EQ(::waitpid(parent, &status, 0), parent);
  ASSERT_EQ(status, 0);
  pollfd end{alive[0], POLLIN, 0};
  EXPECT_EQ(::poll(&end, 1, 10'000), 1) << "the worker works on";
  for (const int fd : {alive[0], bound[0], bound[1]}) ::close(fd);
}

}  // namespace
}  // namespace hearth::base
