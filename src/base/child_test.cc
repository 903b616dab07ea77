#include "base/child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stop_token>
#include <string>

#include "base/environment.h"

namespace hearth::base {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Millis kShortly{50};
constexpr Millis kPatiently{60'000};  // what ends by itself ends long before
constexpr Bytes kPlenty{1 << 20};

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
  const auto killed = run_program("/bin/sh", {"-c", "kill -9 $$"}, {.urgency = Urgency::kBackground, .alive = [] {}});
  ASSERT_FALSE(killed);
  EXPECT_NE(killed.error().message.find("signal 9"), std::string::npos);
  EXPECT_EQ(run_program("/nowhere/program", {}).error().code, Code::kNotFound);
}

TEST(RunProgram, AProgramThatWorksShowsLifeAndStopEndsIt) {
  std::stop_source stop;
  int looks = 0;
  const Alive alive = [&] {
    ++looks;
    stop.request_stop();
  };
  const auto ended = run_program("/bin/sh", {"-c", "while :; do :; done"}, {.stop = stop.get_token(), .alive = alive});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kCancelled);
  EXPECT_EQ(looks, 1);
}

TEST(RunProgram, OneThatTakesLongerThanItMayIsEnded) {
  const auto ended = run_program("/bin/sh", {"-c", "exec sleep 600"}, {.limit = kShortly});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kTimedOut);
  EXPECT_THAT(ended.error().message, HasSubstr("within 50 ms"));
  EXPECT_TRUE(run_program("/bin/true", {}, {.limit = kPatiently}));
}

TEST(ReadProgram, GivesWhatItSays) {
  EXPECT_EQ(read_program("/bin/echo", {"two words"}, kPlenty).value(), "two words\n");
  EXPECT_EQ(read_program("/bin/true", {}, Bytes{0}).value(), "");
  const std::string long_text(300'000, 'x');
  EXPECT_EQ(read_program("/bin/sh", {"-c", "head -c 300000 /dev/zero | tr '\\0' x"}, kPlenty).value(), long_text);
}

TEST(ReadProgram, TellsHowItEnded) {
  EXPECT_THAT(read_program("/bin/sh", {"-c", "echo some; exit 2"}, kPlenty).error().message, HasSubstr("code 2"));
  EXPECT_EQ(read_program("/nowhere/program", {}, kPlenty).error().code, Code::kNotFound);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = read_program("/bin/sh", {"-c", "exec sleep 600"}, kPlenty, {.stop = stop.get_token()});
  EXPECT_EQ(stopped.error().code, Code::kCancelled);
}

TEST(ReadProgram, OneThatSaysTooMuchOrHangsIsEnded) {
  const auto endless = read_program("/bin/sh", {"-c", "while :; do echo line; done"}, Bytes{1000});
  EXPECT_EQ(endless.error().code, Code::kExhausted);
  const auto silent = read_program("/bin/sh", {"-c", "echo some; exec sleep 600"}, kPlenty, {.limit = kShortly});
  EXPECT_EQ(silent.error().code, Code::kTimedOut);
  const auto mute = read_program("/bin/sh", {"-c", "exec >&-; exec sleep 600"}, kPlenty, {.limit = kShortly});
  EXPECT_EQ(mute.error().code, Code::kTimedOut);
}

TEST(ReadProgram, WhoeverItLeavesBehindWithItsOutputIsNotWaitedFor) {
  const auto said = read_program("/bin/sh", {"-c", "sleep 600 & echo $!"}, kPlenty);
  ASSERT_TRUE(said);
  ::kill(std::stoi(*said), SIGKILL);
}

TEST(Environment, OnlyWhatAProgramNeedsIsPassedOn) {
  ::setenv("HEARTH_API_KEY", "a-secret", 1);
  ::setenv("HEARTH_API_KEYS", "a-secret,another", 1);
  ::setenv("HTTPS_PROXY", "http://proxy:3128", 1);
  ::setenv("LC_MESSAGES", "C", 1);
  const auto environment_seen = [](const RunOptions& how) {
    return read_program("/usr/bin/env", {}, kPlenty, how).value_or(std::string());
  };
  const std::string small = environment_seen({.environment = short_environment()});
  const std::string large = environment_seen({.environment = environment_without_keys()});
  const std::string smallest = environment_seen({.environment = library_environment()});
  const std::string all = environment_seen({});
  for (const char* name : {"HEARTH_API_KEY", "HEARTH_API_KEYS", "HTTPS_PROXY", "LC_MESSAGES"}) ::unsetenv(name);

  EXPECT_THAT(small, HasSubstr("PATH="));
  EXPECT_THAT(small, HasSubstr("LC_MESSAGES=C\n"));
  EXPECT_THAT(small, Not(HasSubstr("HEARTH_API_KEY")));
  EXPECT_THAT(small, Not(HasSubstr("a-secret")));
  EXPECT_THAT(small, Not(HasSubstr("HTTPS_PROXY")));
  EXPECT_THAT(large, HasSubstr("HTTPS_PROXY=http://proxy:3128\n"));
  EXPECT_THAT(large, Not(HasSubstr("a-secret")));
  EXPECT_THAT(smallest, Not(HasSubstr("LC_MESSAGES")));
  EXPECT_THAT(all, HasSubstr("HEARTH_API_KEY=a-secret\n"));
  for (const std::string& seen : {small, large, smallest, all}) {
    EXPECT_THAT(seen, HasSubstr(std::string(kStartedBy) + "=" + std::to_string(::getpid()) + "\n"));
  }
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

/// How a program ends that is told to be `parent`'s.
int exit_code_as_child_of(pid_t parent) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv(kStartedBy, std::to_string(parent).c_str(), 1);
    end_with_parent();
    ::_exit(0);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(EndWithParent, WhoseParentHasEndedAlreadyDoesNotBegin) {
  EXPECT_EQ(exit_code_as_child_of(::getpid()), 0);
  EXPECT_EQ(exit_code_as_child_of(::getppid()), 1);
}

}  // namespace
}  // namespace hearth::base
