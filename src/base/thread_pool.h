#pragma once

// Threads that run posted work. A pool has a fixed number of threads; a Strand (strand.h) makes one serial queue of it.

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/seldom.h"
#include "base/units.h"

namespace hearth::base {

using Task = std::function<void()>;

/// Where work is posted. The real one is ThreadPool, the one for tests ManualExecutor (testing/manual_executor.h).
class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs `task` later, on one of the executor's threads, never inside this call. Any thread. Throws std::system_error
  /// where there is no thread to run it and none can be started, and std::bad_alloc: then nothing was posted.
  virtual void post(Task task) = 0;
};

/// Runs `task`. What it throws is logged, with the name of `who` ran it, and goes no further.
void run_guarded(std::string_view who, const Task& task);

/// Runs what is posted in order of posting, `threads` at a time. What a task throws is logged, and
/// ends that task alone.
class ThreadPool final : public Executor {
 public:
  /// Makes a thread that runs its argument; throws std::system_error where the system gives none.
  using StartThread = std::function<std::jthread(Task)>;
  /// Threads start at the first post, so that an unused pool costs nothing; they are named `name` (at most 15 letters).
  /// `start_thread` is a std::jthread but in tests.
  ThreadPool(std::string name, int threads, StartThread start_thread = {});
  /// Runs everything posted so far, then joins.
  ~ThreadPool() override;
  /// As Executor says. A pool that has a thread and gets no other goes on with those it has.
  void post(Task task) override EXCLUDES(mutex_);

 private:
  void add_thread() REQUIRES(mutex_);
  void run();
  const std::string name_;
  const int limit_;
  const StartThread start_thread_;
  Mutex mutex_;
  CondVar wake_;
  std::deque<Task> queue_ GUARDED_BY(mutex_);
  std::vector<std::jthread> threads_ GUARDED_BY(mutex_);
  int idle_ GUARDED_BY(mutex_) = 0;
  bool closing_ GUARDED_BY(mutex_) = false;
  Seldom complaint_ GUARDED_BY(mutex_){Millis{60'000}};
};

/// Names the calling thread for debuggers and `top -H`; at most 15 letters are kept.
void name_this_thread(const std::string& name);

}  // namespace hearth::base
