#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <stdexcept>
#include <system_error>
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
  TimerThread timers;
  const Instant now = std::chrono::steady_clock::now();
  const auto dropped = timers.call_at(now + Millis{20}, [&] { calls.push_back(0); });
  timers.call_at(now + Millis{30}, [&] {
    calls.push_back(2);
    done.set_value();
  });
  timers.call_at(now + Millis{10}, [&] { calls.push_back(1); });
  EXPECT_TRUE(timers.cancel(dropped));
  EXPECT_FALSE(timers.cancel(dropped));
  done.get_future().wait();
  EXPECT_EQ(calls, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace hearth::base
