#pragma once

#include <deque>
#include <utility>

#include "base/thread_pool.h"

namespace hearth::testing {

/// Runs posted work on the test's own thread, when the test says so. Not thread-safe.
class ManualExecutor final : public base::Executor {
 public:
  void post(base::Task task) override { tasks_.push_back(std::move(task)); }
  /// One task; false when there is none.
  bool run_one() {
    if (tasks_.empty()) return false;
    base::Task task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
    return true;
  }
  /// Until nothing is left, what the tasks post included. Returns how many ran.
  int run_all() {
    int ran = 0;
    while (run_one()) ++ran;
    return ran;
  }
  [[nodiscard]] std::size_t pending() const { return tasks_.size(); }

 private:
  std::deque<base::Task> tasks_;
};

}  // namespace hearth::testing
