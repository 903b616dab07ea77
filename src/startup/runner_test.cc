#include "startup/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <stdexcept>

#include "base/log.h"
#include "testing/fake_clock.h"
#include "testing/manual_executor.h"

// One thread and a clock that the test moves: what the runner does is a function of both.

namespace hearth::startup {
namespace {

using namespace base::literals;
using base::Code;
using base::Millis;
using base::Result;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RunnerTest : public ::testing::Test {
 protected:
  RunnerTest() : recorder_(clock_, ProcessStart{clock_.now(), clock_.now(), StartAccuracy::kScheduled}) {
    base::set_log_level(base::LogLevel::kOff);
    options_.machine = {.cores = 8, .memory = 8_GiB};
    options_.on_end = [this](const TaskEnd& end) {
      ends_.push_back(end.run.name + " " + std::string(task_state_name(end.run.state)));
      counts_.push_back(std::to_string(end.titled_done) + "/" + std::to_string(end.titled_total));
    };
    options_.on_critical_settled = [this] { ends_.push_back("critical settled"); };
    options_.on_all_settled = [this] { ends_.push_back("all settled"); };
  }
  ~RunnerTest() override { base::set_log_level(base::LogLevel::kWarning); }

  /// A task that records its name and succeeds.
  Task task(std::string name, std::vector<std::string> needs = {}, Uses uses = {}) {
    Task task;
    task.name = name;
    task.needs = std::move(needs);
    task.uses = uses;
    task.run = [this, name](TaskContext&) -> Result<void> {
      ran_.push_back(name);
      return {};
    };
    return task;
  }
  Task background(std::string name, std::vector<std::string> needs = {}) {
    Task it = task(std::move(name), std::move(needs));
    it.phase = Phase::kBackground;
    return it;
  }
  /// Fails with each of the codes in turn, then succeeds.
  Task failing(std::string name, std::vector<Code> codes, std::vector<std::string> needs = {}) {
    Task it = task(name, std::move(needs));
    it.run = [this, name, codes, tries = std::size_t{0}](TaskContext&) mutable -> Result<void> {
      ran_.push_back(name);
      if (tries == codes.size()) return {};
      return base::fail(codes[tries++], name + " broke", "mend it");
    };
    return it;
  }
  /// Runs until the test calls done_[name].
  Task asynchronous(std::string name, Uses uses = {}) {
    Task it;
    it.name = name;
    it.uses = uses;
    it.begin = [this, name](TaskContext context, Done done) {
      ran_.push_back(name);
      contexts_.insert_or_assign(name, context);
      done_[name] = std::move(done);
    };
    return it;
  }
  Runner& start(std::vector<Task> tasks) {
    auto made = Runner::make({clock_, clock_, executor_, recorder_}, options_, std::move(tasks));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    runner_ = std::move(*made);
    runner_->start();
    return *runner_;
  }
  /// Time passes, and what its timers post is run.
  void pass(base::Duration time) {
    clock_.advance(time);
    executor_.run_all();
  }
  TaskRun run_of(const std::string& name) {
    for (const TaskRun& run : runner_->runs()) {
      if (run.name == name) return run;
    }
    ADD_FAILURE() << "no task " << name;
    return {};
  }
  std::vector<std::string> notes() {
    std::vector<std::string> out;
    for (const Note& note : recorder_.snapshot().notes)
      out.push_back(note.task + " " + note.what + (note.text.empty() ? "" : ": " + note.text));
    return out;
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_;
  Recorder recorder_;
  RunnerOptions options_;
  std::vector<std::string> ran_, ends_, counts_;
  std::map<std::string, Done> done_;
  std::map<std::string, TaskContext> contexts_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(RunnerTest, RefusesAPlanThatIsWrong) {
  std::vector<Task> circle = {task("a", {"b"}), task("b", {"a"})};
  const auto made = Runner::make({clock_, clock_, executor_, recorder_}, options_, std::move(circle));
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().message, HasSubstr("a → b → a"));
  std::vector<Task> neither(1);
  neither[0].name = "idle";
  EXPECT_THAT(Runner::make({clock_, clock_, executor_, recorder_}, options_, std::move(neither)).error().message,
              HasSubstr("\"idle\" must have either run or begin"));
}

TEST_F(RunnerTest, ANothingOfAStartIsSettledAtOnce) {
  Runner& runner = start({});
  EXPECT_TRUE(runner.is_settled());
  EXPECT_THAT(ends_, ElementsAre("critical settled", "all settled"));
}

TEST_F(RunnerTest, StartRunsNothingItselfAndNeedsComeFirst) {
  Runner& runner =
      start({task("ready", {"open"}), task("open", {"probe"}), background("warm", {"ready"}), task("probe")});
  EXPECT_THAT(ran_, IsEmpty());
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("probe", "open", "ready", "warm"));
  EXPECT_THAT(ends_,
              ElementsAre("probe done", "open done", "ready done", "critical settled", "warm done", "all settled"));
  EXPECT_TRUE(runner.is_settled());
}

TEST_F(RunnerTest, ATaskBeginsWhenAThreadTakesItUp) {
  Task slow = task("slow");
  slow.run = [this](TaskContext&) -> Result<void> {
    clock_.advance(Millis{40});
    return {};
  };
  start({std::move(slow), task("behind")});
  executor_.run_all();
  EXPECT_EQ(run_of("behind").begin, run_of("slow").end) << "or their bars would overlap on one thread";
}

TEST_F(RunnerTest, RunsTheLongestPathFirst) {
  options_.machine.cores = 1;
  options_.last = {{"short", Millis{10}}, {"long", Millis{500}}};
  start({task("short"), task("long")});
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("long", "short"));
}

TEST_F(RunnerTest, TwoBigTasksFollowOneAnother) {
  start({asynchronous("first", {.memory = 5_GiB}), asynchronous("second", {.memory = 5_GiB})});
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("first"));
  clock_.advance(Millis{30});
  done_["first"]({});
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("first", "second"));
  EXPECT_EQ(*run_of("second").begin - *run_of("second").runnable, Millis{30}) << "its wait for room is on the timeline";
}

TEST_F(RunnerTest, BackgroundWaitsForTheCriticalPhaseOnASmallMachine) {
  options_.machine.cores = 1;
  start({background("clean"), asynchronous("load", {.cores = 0}), task("probe")});
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("load", "probe", "clean"))
      << "a load that takes no core here leaves it to the background";
}

TEST_F(RunnerTest, RetriesOnceAfterExactlyHalfASecond) {
  start({failing("open", {Code::kIo})});
  executor_.run_all();
  EXPECT_EQ(run_of("open").state, TaskState::kRetrying);
  clock_.advance(Millis{499});
  EXPECT_EQ(executor_.pending(), 0u);
  clock_.advance(Millis{1});
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("open", "open"));
  EXPECT_THAT(ends_, ElementsAre("open done", "critical settled", "all settled"));
  EXPECT_EQ(run_of("open").tries, 2);
  EXPECT_EQ(*run_of("open").end - *run_of("open").begin, Millis{500});
  EXPECT_THAT(notes(), ElementsAre("open retry: open broke; mend it"));
}

TEST_F(RunnerTest, TimersOnlyPost) {
  options_.stall_after = Millis{2000};
  start({failing("open", {Code::kIo, Code::kIo}), asynchronous("load"), task("next", {"open"})});
  executor_.run_all();
  clock_.advance(Millis{500});
  EXPECT_EQ(run_of("open").state, TaskState::kRetrying);
  EXPECT_EQ(executor_.pending(), 1u) << "the next try is posted, not made";
  executor_.run_all();
  EXPECT_EQ(run_of("open").state, TaskState::kFailed);
  clock_.advance(Millis{1500});
  EXPECT_FALSE(run_of("load").is_stalled);
  EXPECT_EQ(executor_.pending(), 1u) << "the look at who is silent too";
  executor_.run_all();
  EXPECT_TRUE(run_of("load").is_stalled);
}

TEST_F(RunnerTest, WhatATimerPostedDoesNothingAfterTheRunnersEnd) {
  options_.stall_after = Millis{500};
  start({failing("open", {Code::kIo}), asynchronous("load")});
  executor_.run_all();
  clock_.advance(Millis{500});
  EXPECT_EQ(executor_.pending(), 2u);
  runner_.reset();
  executor_.run_all();
  EXPECT_EQ(ran_.size(), 2u) << "no second try";
  EXPECT_EQ(clock_.pending(), 0u);
}

TEST_F(RunnerTest, ASecondFailureIsFinal) {
  start({failing("open", {Code::kIo, Code::kTimedOut, Code::kIo})});
  executor_.run_all();
  clock_.advance(Millis{10'000});
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("open", "open"));
  EXPECT_EQ(run_of("open").state, TaskState::kFailed);
  EXPECT_EQ(run_of("open").error->code, Code::kTimedOut);
}

TEST_F(RunnerTest, APermanentErrorIsNotTriedAgain) {
  for (const Code code : {Code::kNotFound, Code::kInvalidArgument, Code::kPermission, Code::kCorrupt,
                          Code::kUnsupported, Code::kInternal}) {
    ran_.clear();
    start({failing("open", {code})});
    executor_.run_all();
    clock_.advance(Millis{10'000});
    executor_.run_all();
    EXPECT_THAT(ran_, ElementsAre("open")) << base::code_name(code);
    EXPECT_EQ(run_of("open").state, TaskState::kFailed);
  }
}

TEST_F(RunnerTest, ATaskMayHaveItsOwnRetryPolicy) {
  Task never = failing("never", {Code::kIo});
  never.retry = no_retry();
  Task thrice = failing("thrice", {Code::kNotFound, Code::kNotFound});
  thrice.retry = {.retries = 2, .delay = Millis{10}, .permanent = [](Code) { return false; }};
  start({never, thrice});
  executor_.run_all();
  for (int i = 0; i < 2; ++i) {
    clock_.advance(Millis{10});
    executor_.run_all();
  }
  EXPECT_EQ(run_of("never").state, TaskState::kFailed);
  EXPECT_EQ(run_of("thrice").state, TaskState::kDone);
  EXPECT_EQ(run_of("thrice").tries, 3);
}

TEST_F(RunnerTest, WhileATaskWaitsForItsNextTryOthersHaveItsRoom) {
  options_.machine.cores = 1;
  options_.last = {{"open", Millis{900}}};
  start({failing("open", {Code::kIo}), task("other")});
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("open", "other"));
  clock_.advance(Millis{500});
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("open", "other", "open"));
}

TEST_F(RunnerTest, AFailureBlocksWhatNeedsItWithItsCauseAndTheOthersGoOn) {
  start({failing("open", {Code::kNotFound}), task("ready", {"open"}), task("after", {"ready"}), task("other"),
         background("warm", {"after"})});
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("open", "other"));
  EXPECT_THAT(ends_, ElementsAre("open failed", "ready blocked", "after blocked", "warm blocked", "other done",
                                 "critical settled", "all settled"));
  EXPECT_EQ(run_of("after").error, (base::Error{Code::kNotFound, "open: open broke", "mend it"}));
  EXPECT_FALSE(run_of("after").begin.has_value());
}

TEST_F(RunnerTest, ATaskThatThrowsHasFailed) {
  Task bad = task("bad");
  bad.run = [](TaskContext&) -> Result<void> { throw std::runtime_error("out of the blue"); };
  start({bad});
  executor_.run_all();
  EXPECT_EQ(run_of("bad").error->code, Code::kInternal);
  EXPECT_EQ(run_of("bad").error->message, "out of the blue");
}

TEST_F(RunnerTest, CountsTitledTasksOnly) {
  Task kokoro = task("kokoro.open", {"probe"}), whisper = task("whisper.open", {"kokoro.open"});
  kokoro.title = "kokoro";
  whisper.title = "whisper";
  start({task("probe"), kokoro, whisper});
  executor_.run_all();
  EXPECT_THAT(counts_, ElementsAre("0/2", "1/2", "2/2"));
}

TEST_F(RunnerTest, AStallIsReportedAndTheTaskIsLeftAlone) {
  options_.stall_after = Millis{2000};
  Task ready = task("ready", {"load"});
  start({asynchronous("load"), ready});
  executor_.run_all();
  contexts_.at("load").progress(0.1, "read");
  clock_.advance(Millis{1500});
  contexts_.at("load").progress(0.2, "read");
  pass(Millis{1999});
  EXPECT_FALSE(run_of("load").is_stalled) << "it counts from the last sign of life";
  pass(Millis{1});
  EXPECT_TRUE(run_of("load").is_stalled);
  pass(Millis{100'000});
  EXPECT_EQ(run_of("load").stalls, 1) << "one report for one silence";
  EXPECT_EQ(run_of("load").state, TaskState::kRunning);
  EXPECT_EQ(run_of("ready").state, TaskState::kWaiting) << "what needs it waits on";

  contexts_.at("load").progress(0.3, "read");
  EXPECT_FALSE(run_of("load").is_stalled);
  pass(Millis{2000});
  EXPECT_EQ(run_of("load").stalls, 2);
  done_["load"]({});
  executor_.run_all();
  EXPECT_EQ(run_of("ready").state, TaskState::kDone);
  EXPECT_THAT(notes(), ElementsAre("load stage: read", "load stall: no progress for 2.0 s in read", "load moving",
                                   "load stall: no progress for 2.0 s in read"));
  EXPECT_EQ(clock_.pending(), 0u) << "no watch is left";
}

TEST_F(RunnerTest, EachTaskIsWatchedByItsOwnSilence) {
  options_.stall_after = Millis{1000};
  options_.machine.cores = 2;
  start({asynchronous("first"), asynchronous("second"), asynchronous("third")});
  executor_.run_all();
  clock_.advance(Millis{600});
  contexts_.at("second").progress(0.5);
  pass(Millis{400});
  EXPECT_TRUE(run_of("first").is_stalled);
  EXPECT_FALSE(run_of("second").is_stalled);
  done_["first"]({});
  executor_.run_all();
  pass(Millis{600});
  EXPECT_TRUE(run_of("second").is_stalled);
  EXPECT_FALSE(run_of("third").is_stalled) << "it began later";
  pass(Millis{400});
  EXPECT_TRUE(run_of("third").is_stalled);
  EXPECT_EQ(clock_.pending(), 0u) << "all are told of";
}

TEST_F(RunnerTest, TheWatchCanBeOff) {
  options_.stall_after = Millis{0};
  start({asynchronous("load")});
  executor_.run_all();
  EXPECT_EQ(clock_.pending(), 0u);
}

TEST_F(RunnerTest, ProgressIsOnTheTimeline) {
  start({asynchronous("load")});
  executor_.run_all();
  contexts_.at("load").progress(0.25, "open");
  contexts_.at("load").progress(0.2501);
  contexts_.at("load").progress(-1, "map");
  contexts_.at("load").progress(7.0);
  const Timeline timeline = recorder_.snapshot();
  EXPECT_EQ(timeline.tasks[0].stage, "map");
  EXPECT_EQ(timeline.tasks[0].fraction, 1.0);
}

TEST_F(RunnerTest, AnAsynchronousTaskEndsOnceAndHoldsItsRoomUntilThen) {
  options_.machine.cores = 1;
  start({asynchronous("load"), task("next")});
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("load"));
  Done done = done_["load"];
  done({});
  done(base::fail(Code::kIo, "again"));
  executor_.run_all();
  EXPECT_THAT(ran_, ElementsAre("load", "next"));
  EXPECT_EQ(run_of("load").state, TaskState::kDone);
  contexts_.at("load").progress(0.1, "late");
  EXPECT_EQ(run_of("load").fraction, 1.0);
}

TEST_F(RunnerTest, AnEndOfAnEarlierTryDoesNotEndTheNext) {
  start({asynchronous("load")});
  executor_.run_all();
  Done first = done_["load"];
  first(base::fail(Code::kIo, "once"));
  clock_.advance(Millis{500});
  executor_.run_all();
  first({});
  EXPECT_EQ(run_of("load").state, TaskState::kRunning);
  done_["load"]({});
  EXPECT_EQ(run_of("load").state, TaskState::kDone);
}

TEST_F(RunnerTest, StoppingCancelsWhatWaitsAndAsksWhatRuns) {
  options_.machine.cores = 3;
  Runner& runner = start(
      {asynchronous("running"), failing("retrying", {Code::kIo}), task("waiting", {"running"}), background("late")});
  executor_.run_all();
  runner.request_stop();
  EXPECT_TRUE(contexts_.at("running").stop().stop_requested());
  EXPECT_EQ(run_of("waiting").state, TaskState::kCancelled);
  EXPECT_EQ(run_of("retrying").state, TaskState::kCancelled);
  EXPECT_FALSE(runner.is_settled());
  done_["running"](base::fail(Code::kCancelled, "stopped"));
  EXPECT_TRUE(runner.is_settled());
  EXPECT_EQ(run_of("running").state, TaskState::kCancelled);
  EXPECT_EQ(clock_.pending(), 0u) << "neither a next try nor a watch";
  runner.request_stop();
}

TEST_F(RunnerTest, ATaskThatIsPostedButNotBegunDoesNotRunAfterAStop) {
  Runner& runner = start({task("posted")});
  runner.request_stop();
  executor_.run_all();
  EXPECT_THAT(ran_, IsEmpty());
  EXPECT_EQ(run_of("posted").state, TaskState::kCancelled);
}

TEST_F(RunnerTest, WhatComesAfterTheRunnersEndDoesNothing) {
  start({asynchronous("load"), task("other", {"load"})});
  executor_.run_all();
  const TaskContext context = contexts_.at("load");
  ends_.clear();
  runner_.reset();
  EXPECT_TRUE(context.stop().stop_requested());
  context.progress(0.5, "late");
  done_["load"]({});
  executor_.run_all();
  clock_.advance(Millis{100'000});
  EXPECT_THAT(ran_, ElementsAre("load"));
}

TEST_F(RunnerTest, DurationsAreThoseOfTasksThatSucceeded) {
  Runner& runner = start({asynchronous("load"), failing("bad", {Code::kNotFound})});
  executor_.run_all();
  clock_.advance(Millis{120});
  done_["load"]({});
  EXPECT_EQ(runner.durations(), (Durations{{"load", Millis{120}}}));
}

}  // namespace
}  // namespace hearth::startup
