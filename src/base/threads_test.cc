#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <stdexcept>
#include <vector>

#include "base/strand.h"
#include "base/thread_pool.h"
#include "base/timer_thread.h"

namespace hearth::base {
namespace {

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
