#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/seldom.h"
#include "base/strand.h"
#include "base/thread_pool.h"
#include "base/timer_thread.h"
#include "testing/manual_executor.h"

namespace hearth::base {
namespace {

std::system_error no_thread() {
  return std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
}

TEST(Seldom, LetsOneThroughInAWhile) {
  Seldom seldom(Millis{1000});
  const Instant begin{};
  EXPECT_TRUE(seldom.is_due(begin));
  EXPECT_FALSE(seldom.is_due(begin + Millis{999}));
  EXPECT_TRUE(seldom.is_due(begin + Millis{1000}));
  EXPECT_FALSE(seldom.is_due(begin + Millis{1001}));
}

TEST(ThreadPool, WhatOneTaskThrowsEndsThatTaskAlone) {
  std::latch done(1);
  ThreadPool pool("throws", 1);
  pool.post([] { throw std::runtime_error("odd"); });
  pool.post([&] { done.count_down(); });
  done.wait();
}

TEST(ThreadPool, EverythingPostedRunsBeforeItIsGone) {
  int runs = 0;
  {
    ThreadPool pool("test", 1);
    for (int i = 0; i < 100; ++i) pool.post([&] { ++runs; });
  }
  EXPECT_EQ(runs, 100);
}

TEST(ThreadPool, RunsAsManyAtOnceAsItHasThreads) {
  ThreadPool pool("test", 2);
  std::promise<void> first, second;  // each waits for the other: one thread alone would hang
  std::promise<void> done;
  pool.post([&] {
    first.set_value();
    second.get_future().wait();
    done.set_value();
  });
  pool.post([&] {
    first.get_future().wait();
    second.set_value();
  });
  done.get_future().wait();
}

TEST(ThreadPool, APostWithoutAnyThreadIsAnErrorAndNothingIsPosted) {
  bool gives_threads = false;
  bool first = false;
  bool second = false;
  {
    ThreadPool pool("none", 2, [&](Task run) {
      if (!gives_threads) throw no_thread();
      return std::jthread(std::move(run));
    });
    EXPECT_THROW(pool.post([&] { first = true; }), std::system_error);
    gives_threads = true;
    pool.post([&] { second = true; });
  }
  EXPECT_FALSE(first);
  EXPECT_TRUE(second);
}

TEST(ThreadPool, WithoutAnotherThreadItGoesOnWithThoseItHas) {
  int asked = 0;
  bool ran = false;
  {
    std::latch posted(1);
    ThreadPool pool("one", 2, [&](Task run) {
      if (++asked > 1) throw no_thread();
      return std::jthread(std::move(run));
    });
    pool.post([&] { posted.wait(); });
    pool.post([&] { ran = true; });
    posted.count_down();
  }
  EXPECT_TRUE(ran);
  EXPECT_EQ(asked, 2);
}

/// Says that it is gone, once: what a task owns.
std::shared_ptr<void> says_gone(std::function<void()> say) {
  return {nullptr, [say = std::move(say)](void*) { say(); }};
}

/// A pool whose one thread is busy until release().
struct BusyPool {
  BusyPool() {
    pool.post([this] { may_end.wait(); });
  }
  void release() { may_end.count_down(); }

  std::latch may_end{1};
  ThreadPool pool{"busy", 1};  // ends first
};

TEST(ThreadPool, AQueuedTaskThatIsStoppedIsGoneAtOnceAndTheOthersRun) {
  std::vector<int> order;
  std::stop_source stop;
  bool is_gone = false;
  {
    BusyPool busy;
    busy.pool.post([&] { order.push_back(1); });
    busy.pool.post_droppable([&order, held = says_gone([&is_gone] { is_gone = true; })] { order.push_back(2); },
                             stop.get_token());
    busy.pool.post_droppable([&] { order.push_back(3); }, std::stop_source().get_token());
    EXPECT_FALSE(is_gone);
    stop.request_stop();
    EXPECT_TRUE(is_gone);  // while the pool's thread is as busy as before
    busy.release();
  }
  EXPECT_EQ(order, (std::vector<int>{1, 3}));
}

TEST(ThreadPool, ATaskThatWasStoppedBeforeItIsPostedIsNotQueued) {
  std::stop_source stop;
  stop.request_stop();
  bool ran = false;
  bool is_gone = false;
  BusyPool busy;
  busy.pool.post_droppable([&ran, held = says_gone([&is_gone] { is_gone = true; })] { ran = true; }, stop.get_token());
  EXPECT_TRUE(is_gone);
  EXPECT_FALSE(ran);
  busy.release();
}

TEST(ThreadPool, WhatADroppedTaskOwnsMayPostWhereItWasQueued) {
  std::stop_source stop;
  bool ran = false;
  {
    BusyPool busy;
    busy.pool.post_droppable([held = says_gone([&] { busy.pool.post([&ran] { ran = true; }); })] {}, stop.get_token());
    stop.request_stop();
    busy.release();
  }
  EXPECT_TRUE(ran);
}

TEST(ThreadPool, AStopMayComeWhileATaskRunsAndAfterThePoolsEnd) {
  std::stop_source stop;
  int runs = 0;
  {
    ThreadPool pool("test", 1);
    pool.post_droppable(
        [&] {
          ++runs;
          stop.request_stop();
        },
        stop.get_token());
  }
  std::stop_source late;
  {
    ThreadPool pool("test", 1);
    pool.post_droppable([&] { ++runs; }, late.get_token());
  }
  late.request_stop();
  EXPECT_EQ(runs, 2);
}

TEST(ThreadPool, ATaskThatIsStoppedAsItBeginsIsRunOrDroppedAndNeverBoth) {
  constexpr int kTasks = 2'000;
  std::vector<std::stop_source> stops(kTasks);
  std::vector<std::atomic<int>> runs(kTasks);
  std::atomic<int> gone = 0;
  {
    ThreadPool pool("test", 2);
    std::jthread stopper([&] {
      for (std::stop_source& stop : stops) stop.request_stop();
    });
    for (std::size_t i = 0; i < stops.size(); ++i) {
      pool.post_droppable([&runs, i, held = says_gone([&gone] { ++gone; })] { ++runs[i]; }, stops[i].get_token());
    }
  }
  EXPECT_EQ(gone, kTasks);
  for (const std::atomic<int>& run : runs) EXPECT_LE(run, 1);
}

TEST(Executor, OneThatCannotDropAtOnceStillNeverRunsWhatWasStopped) {
  testing::ManualExecutor executor;
  std::stop_source stop;
  int runs = 0;
  executor.post_droppable([&] { ++runs; }, stop.get_token());
  executor.run_all();
  executor.post_droppable([&] { ++runs; }, stop.get_token());
  stop.request_stop();
  executor.run_all();
  EXPECT_EQ(runs, 1);
}

TEST(Strand, WhatOneTaskThrowsEndsThatTaskAlone) {
  testing::ManualExecutor executor;
  Strand strand(executor);
  std::vector<int> order;
  strand.post([] { throw std::runtime_error("odd"); });
  strand.post([&] { order.push_back(1); });
  executor.run_all();
  EXPECT_EQ(order, (std::vector<int>{1}));
  EXPECT_FALSE(strand.is_current());
  strand.post([] { throw 7; });
  strand.post([&] { order.push_back(2); });
  executor.run_all();
  strand.post([&] { order.push_back(3); });
  executor.run_all();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

/// A pool that has no thread until the test gives it some.
class Starved final : public Executor {
 public:
  void post(Task task) override {
    if (!has_threads) throw no_thread();
    below.post(std::move(task));
  }
  bool has_threads = false;
  testing::ManualExecutor below;
};

TEST(Strand, APostThatItsExecutorRefusesLeavesNothingAndTheNextOneRuns) {
  Starved executor;
  Strand strand(executor);
  std::vector<int> order;
  EXPECT_THROW(strand.post([&] { order.push_back(1); }), std::system_error);
  executor.has_threads = true;
  strand.post([&] { order.push_back(2); });
  executor.below.run_all();
  EXPECT_EQ(order, (std::vector<int>{2}));
}

TEST(Strand, WithoutATurnItGoesOnAtOnce) {
  Starved executor;
  executor.has_threads = true;
  Strand strand(executor);
  std::vector<int> order;
  for (int i = 1; i <= 3; ++i) strand.post([&, i] { order.push_back(i); });
  executor.has_threads = false;
  executor.below.run_one();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
  executor.has_threads = true;
  strand.post([&] { order.push_back(4); });
  executor.below.run_all();
  EXPECT_EQ(order.back(), 4);
}

TEST(Strand, RunsInOrderAndOneAtATimeOnAManyThreadedPool) {
  std::vector<int> order;
  std::promise<void> done;
  ThreadPool pool("test", 4);
  Strand strand(pool);
  for (int i = 0; i < 1000; ++i) {
    strand.post([&, i] {
      EXPECT_TRUE(strand.is_current());
      order.push_back(i);
      if (i == 999) done.set_value();
    });
  }
  done.get_future().wait();
  ASSERT_EQ(order.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  EXPECT_FALSE(strand.is_current());
}

TEST(TimerThread, WhatOneCallThrowsEndsThatCallAlone) {
  std::promise<void> done;
  TimerThread timers;
  const Instant now = std::chrono::steady_clock::now();
  timers.call_at(now, [] { throw std::runtime_error("odd"); });
  timers.call_at(now + Millis{1}, [&] { done.set_value(); });
  done.get_future().wait();
}

TEST(TimerThread, CallsInOrderOfTimeAndNotWhatWasCancelled) {
  std::vector<int> calls;
  std::promise<void> done;
  std::latch all_are_set(1);
  TimerThread timers;
  const Instant now = std::chrono::steady_clock::now();
  timers.call_at(now, [&] { all_are_set.wait(); });
  const auto dropped = timers.call_at(now + Millis{20}, [&] { calls.push_back(0); });
  timers.call_at(now + Millis{30}, [&] {
    calls.push_back(2);
    done.set_value();
  });
  timers.call_at(now + Millis{10}, [&] { calls.push_back(1); });
  EXPECT_TRUE(timers.cancel(dropped));
  EXPECT_FALSE(timers.cancel(dropped));
  all_are_set.count_down();
  done.get_future().wait();
  EXPECT_EQ(calls, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace hearth::base
