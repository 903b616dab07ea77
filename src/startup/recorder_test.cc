#include "startup/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/thread_pool.h"
#include "testing/fake_clock.h"

namespace hearth::startup {
namespace {

using namespace base::literals;
using base::Millis;

class RecorderTest : public ::testing::Test {
 protected:
  /// A process whose exec was 2 ms before main, which is now.
  ProcessStart start() { return {clock_.now() - Millis{2}, clock_.now(), StartAccuracy::kScheduled}; }
  testing::FakeClock clock_;
};

TEST_F(RecorderTest, CountsFromExec) {
  Recorder recorder(clock_, start());
  clock_.advance(Millis{3});
  recorder.mark("listen");
  {
    auto span = recorder.span("model.open"), inner = recorder.span("inner");
    clock_.advance(Millis{10});
  }
  const Timeline timeline = recorder.snapshot();
  EXPECT_EQ(timeline.main, Millis{2});
  EXPECT_EQ(timeline.find_mark("listen")->at, Millis{5});
  ASSERT_EQ(timeline.spans.size(), 2u);
  EXPECT_EQ(timeline.spans[0].name, "inner");
  EXPECT_EQ(timeline.spans[1].begin, Millis{5});
  EXPECT_EQ(timeline.spans[1].end, Millis{15});
  EXPECT_EQ(timeline.now, Millis{15});
  EXPECT_EQ(timeline.started + Millis{2}, clock_.wall() - Millis{13});
}

TEST_F(RecorderTest, TheFirstMarkOfANameCounts) {
  Recorder recorder(clock_, start());
  EXPECT_FALSE(recorder.has_mark("first_audio"));
  recorder.mark("first_audio");
  clock_.advance(Millis{100});
  recorder.mark("first_audio");
  EXPECT_TRUE(recorder.has_mark("first_audio"));
  EXPECT_EQ(recorder.snapshot().marks.size(), 1u);
  EXPECT_EQ(recorder.snapshot().find_mark("first_audio")->at, Millis{2});
}

TEST_F(RecorderTest, StaysBoundedAndCountsWhatItDropped) {
  Recorder recorder(clock_, start(), [] { return 1_MiB; },
                    {.spans = 2, .notes = 1, .marks = 1, .memory_points = 1, .threads = 1});
  for (int i = 0; i < 3; ++i) {
    recorder.add_span("s", clock_.now(), clock_.now());
    recorder.note("task", "stall", "");
    recorder.mark(std::to_string(i));
    recorder.note_memory();
  }
  const Timeline timeline = recorder.snapshot();
  EXPECT_EQ(timeline.spans.size(), 2u);
  EXPECT_EQ(timeline.notes.size(), 1u);
  EXPECT_EQ(timeline.marks.size(), 1u);
  EXPECT_EQ(timeline.memory.size(), 1u);
  EXPECT_EQ(timeline.dropped, 1 + 2 + 2 + 2);
}

TEST_F(RecorderTest, KnowsThreadsByTheNamesTheyHave) {
  Recorder recorder(clock_, start());
  recorder.mark("here");
  std::jthread([&] {
    base::name_this_thread("engine");
    recorder.mark("there");
  }).join();
  const Timeline timeline = recorder.snapshot();
  ASSERT_EQ(timeline.threads.size(), 2u);
  EXPECT_EQ(timeline.threads[1].second, "engine");
  EXPECT_EQ(timeline.find_mark("here")->thread, timeline.threads[0].first);
  EXPECT_EQ(timeline.find_mark("there")->thread, timeline.threads[1].first);
}

TEST_F(RecorderTest, ATaskIsReplacedAsItChanges) {
  Recorder recorder(clock_, start());
  TaskRun run;
  run.name = "open";
  recorder.put_task(1, run);
  run.state = TaskState::kDone;
  recorder.put_task(1, run);
  const Timeline timeline = recorder.snapshot();
  EXPECT_EQ(timeline.tasks.size(), 2u);
  EXPECT_EQ(timeline.tasks[1].name, "open");
  EXPECT_EQ(timeline.tasks[1].state, TaskState::kDone);
}

TEST_F(RecorderTest, TakesAllThreadsAtOnce) {
  Recorder recorder(clock_, start(), [] { return 1_MiB; });
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&recorder] {
        for (int i = 0; i < 100; ++i) {
          recorder.mark("m" + std::to_string(i % 7));
          auto span = recorder.span("s");
          recorder.note_memory();
          (void)recorder.snapshot();
        }
      });
    }
  }
  EXPECT_EQ(recorder.snapshot().marks.size(), 7u);
  EXPECT_EQ(recorder.snapshot().spans.size(), 400u);
}

}  // namespace
}  // namespace hearth::startup
