#include "api/request_gate.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace hearth::api {
namespace {

TEST(RequestGate, TurnsAwayTheOneTooManyAndTakesItsPlaceBack) {
  RequestGate gate(2);
  auto first = gate.try_enter();
  auto second = gate.try_enter();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(gate.try_enter());
  EXPECT_EQ(gate.waiting(), 2);
  first->start();
  EXPECT_EQ(gate.running(), 1);
  EXPECT_EQ(gate.waiting(), 1);
  RequestGate::Ticket moved = std::move(*first);
  first.reset();
  EXPECT_EQ(gate.running(), 1);
  second.reset();
  EXPECT_TRUE(gate.try_enter());
}

TEST(RequestGate, IsEmptyAfterManyThreadsHaveLeft) {
  RequestGate gate(3);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) {
          if (auto ticket = gate.try_enter()) ticket->start();
        }
      });
    }
  }
  EXPECT_EQ(gate.running(), 0);
  EXPECT_EQ(gate.waiting(), 0);
}

}  // namespace
}  // namespace hearth::api
