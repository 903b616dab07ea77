#include "engines/llama/slot_gate.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>

namespace hearth::engines::llama {
namespace {

using base::Code;

/// A request on a thread of its own that holds its pass until it is told to let go.
class Client {
 public:
  Client(SlotGate& gate, SlotGate::Need need)
      : thread_([this, &gate, need] {
          auto pass = gate.enter(need, stop_.get_token());
          base::MutexLock lock(mutex_);
          code_ = pass ? std::optional<Code>{} : pass.error().code;
          is_in_ = pass.has_value();
          is_answered_ = true;
          changed_.notify_all();
          while (is_in_ && !may_leave_) changed_.wait(mutex_);
        }) {}
  ~Client() {
    leave();
    stop_.request_stop();
  }
  void wait_until_answered() {
    base::MutexLock lock(mutex_);
    while (!is_answered_) changed_.wait(mutex_);
  }
  bool is_in() {
    base::MutexLock lock(mutex_);
    return is_in_;
  }
  std::optional<Code> code() {
    base::MutexLock lock(mutex_);
    return code_;
  }
  void leave() {
    base::MutexLock lock(mutex_);
    may_leave_ = true;
    changed_.notify_all();
  }
  void stop() { stop_.request_stop(); }

 private:
  std::stop_source stop_;
  base::Mutex mutex_;
  base::CondVar changed_;
  bool is_answered_ GUARDED_BY(mutex_) = false;
  bool is_in_ GUARDED_BY(mutex_) = false;
  bool may_leave_ GUARDED_BY(mutex_) = false;
  std::optional<Code> code_ GUARDED_BY(mutex_);
  std::jthread thread_;
};

void wait_for_line(const SlotGate& gate, int length) {
  while (gate.waiting() != length) std::this_thread::yield();
}

TEST(SlotGate, AsManyAsThereAreSlotsEnterAtOnce) {
  SlotGate gate(2, 100);
  const auto one = gate.enter({1, 50}, {});
  const auto two = gate.enter({1, 50}, {});
  EXPECT_TRUE(one && two);
  EXPECT_EQ(gate.waiting(), 0);
}

TEST(SlotGate, TheNextEntersWhenOneLeaves) {
  SlotGate gate(1, 100);
  auto first = std::optional(gate.enter({1, 10}, {}));
  Client second(gate, {1, 10});
  wait_for_line(gate, 1);
  EXPECT_FALSE(second.is_in());
  first.reset();
  second.wait_until_answered();
  EXPECT_TRUE(second.is_in());
}

TEST(SlotGate, CellsAreSharedAndNeverOversold) {
  SlotGate gate(4, 100);
  auto large = std::optional(gate.enter({1, 80}, {}));
  Client other(gate, {1, 40});
  wait_for_line(gate, 1);
  EXPECT_FALSE(other.is_in());
  large.reset();
  other.wait_until_answered();
  EXPECT_TRUE(other.is_in());
}

TEST(SlotGate, ALargeNeedIsNotOvertakenBySmallOnes) {
  SlotGate gate(2, 100);
  auto running = std::optional(gate.enter({1, 10}, {}));
  Client large(gate, {2, 100});
  wait_for_line(gate, 1);
  Client small(gate, {1, 10});  // would fit, but came later
  wait_for_line(gate, 2);
  EXPECT_FALSE(small.is_in());
  running.reset();
  large.wait_until_answered();
  EXPECT_TRUE(large.is_in());
  EXPECT_FALSE(small.is_in());
  large.leave();
  small.wait_until_answered();
  EXPECT_TRUE(small.is_in());
}

TEST(SlotGate, WhoIsCancelledInTheLineLetsTheNextOneIn) {
  SlotGate gate(2, 100);
  const auto running = gate.enter({1, 10}, {});
  Client large(gate, {2, 100});
  wait_for_line(gate, 1);
  Client small(gate, {1, 10});
  wait_for_line(gate, 2);
  large.stop();
  large.wait_until_answered();
  EXPECT_EQ(large.code(), Code::kCancelled);
  small.wait_until_answered();
  EXPECT_TRUE(small.is_in());
}

TEST(SlotGate, AClientThatHasGoneIsNotLetIn) {
  SlotGate gate(1, 100);
  std::stop_source stop;
  stop.request_stop();
  const auto pass = gate.enter({1, 10}, stop.get_token());
  ASSERT_FALSE(pass);
  EXPECT_EQ(pass.error().code, Code::kCancelled);
  EXPECT_TRUE(gate.enter({1, 100}, {}));  // and holds nothing
}

TEST(SlotGate, MoreThanThereIsMeansAll) {
  SlotGate gate(2, 100);
  EXPECT_TRUE(gate.enter({9, 900}, {}));
}

}  // namespace
}  // namespace hearth::engines::llama
