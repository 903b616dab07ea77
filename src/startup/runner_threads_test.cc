#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "base/log.h"
#include "base/timer_thread.h"
#include "startup/runner.h"
#include "testing/fake_clock.h"

// The same runner on real threads: for the thread sanitizer, and for what one thread cannot show.

namespace hearth::startup {
namespace {

using base::Code;
using base::Millis;
using base::Result;

class RunnerThreadsTest : public ::testing::TestWithParam<int> {
 protected:
  RunnerThreadsTest()
      : recorder_(clock_, ProcessStart{clock_.now(), clock_.now(), StartAccuracy::kScheduled}),
        pool_("start-test", GetParam()) {
    base::set_log_level(base::LogLevel::kOff);
    options_.machine.cores = 4;
  }
  ~RunnerThreadsTest() override { base::set_log_level(base::LogLevel::kWarning); }
  std::unique_ptr<Runner> make(std::vector<Task> tasks) {
    auto made = Runner::make({clock_, timers_, pool_, recorder_}, options_, std::move(tasks));
    EXPECT_TRUE(made.has_value());
    return std::move(*made);
  }

  base::SteadyClock clock_;
  base::TimerThread timers_;
  Recorder recorder_;
  base::ThreadPool pool_;
  RunnerOptions options_;
};

TEST_P(RunnerThreadsTest, RunsALayeredGraphInOrderWhateverThePool) {
  constexpr int kLayers = 5, kWidth = 8;
  std::atomic<int> finished[kLayers] = {};
  std::atomic<bool> in_order = true;
  std::atomic<int> at_once = 0, most = 0, ends = 0, settled = 0;
  options_.on_end = [&](const TaskEnd&) { ends.fetch_add(1); };
  options_.on_all_settled = [&] { settled.fetch_add(1); };
  std::vector<Task> tasks;
  for (int layer = 0; layer < kLayers; ++layer) {
    for (int i = 0; i < kWidth; ++i) {
      Task task;
      task.name = std::to_string(layer) + "." + std::to_string(i);
      for (int j = 0; layer > 0 && j < kWidth; ++j)
        task.needs.push_back(std::to_string(layer - 1) + "." + std::to_string(j));
      task.run = [&, layer](TaskContext& context) -> Result<void> {
        const int now = at_once.fetch_add(1) + 1;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        if (layer > 0 && finished[layer - 1] != kWidth) in_order = false;
        context.progress(0.5, "half");
        recorder_.mark("first");
        { auto span = recorder_.span("work"); }
        (void)recorder_.snapshot();
        finished[layer].fetch_add(1);
        at_once.fetch_sub(1);
        return {};
      };
      tasks.push_back(std::move(task));
    }
  }
  const auto runner = make(std::move(tasks));
  runner->start();
  runner->wait();
  EXPECT_TRUE(in_order);
  EXPECT_LE(most, 4) << "never more at once than the machine has cores";
  EXPECT_EQ(ends, kLayers * kWidth);
  EXPECT_EQ(settled, 1) << "told before wait() returns";
  const Timeline timeline = recorder_.snapshot();
  EXPECT_EQ(timeline.spans.size(), static_cast<std::size_t>(kLayers * kWidth));
  for (const TaskRun& run : timeline.tasks) EXPECT_EQ(run.state, TaskState::kDone);
}

TEST_P(RunnerThreadsTest, EndsAreToldOneAtATime) {
  std::atomic<int> inside = 0;
  bool overlapped = false;
  options_.on_end = [&](const TaskEnd&) {
    if (inside.fetch_add(1) != 0) overlapped = true;
    inside.fetch_sub(1);
  };
  std::vector<Task> tasks;
  for (int i = 0; i < 60; ++i)
    tasks.push_back({.name = std::to_string(i), .run = [](TaskContext&) -> Result<void> { return {}; }});
  const auto runner = make(std::move(tasks));
  runner->start();
  runner->wait();
  EXPECT_FALSE(overlapped);
}

TEST_P(RunnerThreadsTest, DestructionWaitsForTheFunctionsThatRun) {
  std::latch begun(1);
  std::atomic<bool> ended = false;
  auto runner = make({{.name = "blocking", .run = [&](TaskContext& context) -> Result<void> {
                         std::latch asked(1);
                         std::stop_callback on_stop(context.stop(), [&] { asked.count_down(); });
                         begun.count_down();
                         asked.wait();
                         ended = true;
                         return base::fail(Code::kCancelled, "stopped");
                       }}});
  runner->start();
  begun.wait();
  runner.reset();
  EXPECT_TRUE(ended);
}

TEST_P(RunnerThreadsTest, AnAsynchronousTaskMayEndOnAnyThread) {
  std::jthread elsewhere;
  const auto runner = make(
      {{.name = "load",
        .begin = [&](TaskContext, Done done) { elsewhere = std::jthread([done = std::move(done)] { done({}); }); }},
       {.name = "ready", .needs = {"load"}, .run = [](TaskContext&) -> Result<void> { return {}; }}});
  runner->start();
  runner->wait();
  EXPECT_TRUE(runner->is_settled());
}

TEST_P(RunnerThreadsTest, RetriesOnTheRealTimer) {
  Task flaky{.name = "flaky", .retry = {.retries = 1, .delay = Millis{1}}};
  flaky.run = [tries = 0](TaskContext&) mutable -> Result<void> {
    if (++tries == 1) return base::fail(Code::kIo, "once");
    return {};
  };
  const auto runner = make({flaky});
  runner->start();
  runner->wait(Phase::kCritical);
  EXPECT_EQ(runner->runs()[0].tries, 2);
  EXPECT_EQ(runner->runs()[0].state, TaskState::kDone);
}

INSTANTIATE_TEST_SUITE_P(Threads, RunnerThreadsTest, ::testing::Values(0, 1, 4));

}  // namespace
}  // namespace hearth::startup
