#pragma once

// Threads that run posted work. A pool has a fixed number of threads; a Strand (strand.h) makes one serial queue of it.

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace hearth::base {

using Task = std::function<void()>;

/// Where work is posted. The real one is ThreadPool, the one for tests ManualExecutor (testing/manual_executor.h).
class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs `task` later, on one of the executor's threads, never inside this call. Any thread.
  virtual void post(Task task) = 0;
};

/// Runs what is posted in order of posting, `threads` at a time. What a task throws is logged, and
/// ends that task alone.
class ThreadPool final : public Executor {
 public:
  /// Threads start at the first post, so that an unused pool costs nothing; they are named `name` (at most 15 letters).
  ThreadPool(std::string name, int threads);
  /// Runs everything posted so far, then joins.
  ~ThreadPool() override;
  void post(Task task) override EXCLUDES(mutex_);

 private:
  void run();
  void run_guarded(Task& task) const;
  const std::string name_;
  const int limit_;
  Mutex mutex_;
  CondVar wake_;
  std::deque<Task> queue_ GUARDED_BY(mutex_);
  std::vector<std::jthread> threads_ GUARDED_BY(mutex_);
  int idle_ GUARDED_BY(mutex_) = 0;
  bool closing_ GUARDED_BY(mutex_) = false;
};

/// Names the calling thread for debuggers and `top -H`; at most 15 letters are kept.
void name_this_thread(const std::string& name);

}  // namespace hearth::base
