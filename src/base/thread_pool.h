#pragma once

// Threads that run posted work. A pool has a fixed number of threads; a Strand (strand.h) makes one serial queue of it.

#include <functional>
#include <list>
#include <optional>
#include <stop_token>
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
  /// The same for work that nobody wants once `stop` is requested: a task that has not begun then is never run. What it
  /// holds is freed without having run, at the latest when its turn would have come; a ThreadPool frees it at once,
  /// inside request_stop(). A task that has begun runs to its end. Who waits for the task learns of its end from what
  /// it holds: from a destructor, or a broken promise.
  virtual void post_droppable(Task task, const std::stop_token& stop);
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
  /// A stop takes the task out of the queue and destroys it, outside the pool's lock, on the thread that requests the
  /// stop: what it holds may post here, and should be quick to destroy. The stop may also have been requested already,
  /// and may come after the pool's end.
  void post_droppable(Task task, const std::stop_token& stop) override EXCLUDES(mutex_);

 private:
  struct Queued;
  /// What a stop calls. The entry exists for as long as it may be called: the end of a std::stop_callback waits for it.
  struct Drop {
    ThreadPool* pool;
    const Queued* which;
    void operator()() const { pool->drop(which); }
  };
  struct Queued {
    Task task;
    std::optional<std::stop_callback<Drop>> on_stop;
  };
  void enqueue(std::list<Queued> one, const std::stop_token& stop) EXCLUDES(mutex_);
  /// Does nothing where it has begun already, or is not in the queue yet.
  void drop(const Queued* which) EXCLUDES(mutex_);
  void add_thread() REQUIRES(mutex_);
  void run() EXCLUDES(mutex_);
  const std::string name_;
  const int limit_;
  const StartThread start_thread_;
  Mutex mutex_;
  CondVar wake_;
  std::list<Queued> queue_ GUARDED_BY(mutex_);  // nodes stay where they are, as a stop_callback must
  std::vector<std::jthread> threads_ GUARDED_BY(mutex_);
  int idle_ GUARDED_BY(mutex_) = 0;
  bool closing_ GUARDED_BY(mutex_) = false;
  Seldom complaint_ GUARDED_BY(mutex_){Millis{60'000}};
};

/// Names the calling thread for debuggers and `top -H`; at most 15 letters are kept.
void name_this_thread(const std::string& name);

}  // namespace hearth::base
