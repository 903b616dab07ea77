#pragma once

// Runs the start-up tasks: threads, clock, retries, stalls. What to run next is decided by plan.h; this room's only
// moving part is here. It knows no model and no socket: app/startup_tasks.cc says what the tasks do.
//
//   auto runner = Runner::make(parts, options, std::move(tasks));  // an error names the task that is wrong
//   (*runner)->start();                                            // returns at once
//   (*runner)->wait(Phase::kCritical);                             // or follow RunnerOptions::on_end
//
// A failed task blocks what needs it, with its cause; the others go on. RunnerOptions::on_end is who tells a person. A
// task that shows no progress for `stall_after` is reported (log, timeline) and left alone: what waits for it waits on,
// because slow disks are no error.

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/thread_pool.h"
#include "startup/plan.h"
#include "startup/recorder.h"
#include "startup/task.h"

namespace hearth::startup {

/// Borrowed; all must outlive the runner.
struct RunnerParts {
  const base::Clock& clock;
  base::Timers& timers;
  /// Where blocking tasks run, and what timers bring: next tries, looks at who is silent. Give it as many threads as
  /// there are tasks: they are started on demand, the plan bounds how many run, and a waiting one costs nothing. With
  /// fewer, a task that may start queues for a thread.
  base::Executor& executor;
  Recorder& recorder;
};

/// The end of a task, or of the whole start.
struct TaskEnd {
  const TaskRun& run;
  std::size_t titled_done, titled_total;  // of the tasks with a title: for "[2/5]"; an untitled task repeats the last
};

struct RunnerOptions {
  Machine machine{};
  Durations last{};                  // of the last start, from the journal
  base::Millis stall_after{10'000};  // without a sign of life; 0 turns the watch off
  /// As each task settles: one call at a time, in order, on whatever thread ended it, no lock held. Short: it delays
  /// what comes next on that thread, though not what other threads run.
  std::function<void(const TaskEnd&)> on_end{};
  /// Once each, when the last critical task has settled, and when all have. Same thread rules; after their tasks'
  /// on_end.
  std::function<void()> on_critical_settled{}, on_all_settled{};
};

class Runner {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<Runner>> make(const RunnerParts& parts, RunnerOptions options,
                                                                  std::vector<Task> tasks);
  /// Stops the start and waits for the functions and callbacks that run, so never inside one; an asynchronous task may
  /// call its `done` later, it does nothing.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Starts what can start. Once. Any thread, also one with no executor behind it.
  void start();
  /// Asks running tasks to stop; waiting and retrying ones settle as cancelled at once. Idempotent. Any thread.
  void request_stop();
  /// Blocks until every task of the phase has settled and its callbacks have returned. kBackground waits for all. Never
  /// on the executor's threads, nor inside a callback.
  void wait(Phase phase = Phase::kBackground);
  /// Whether every task of the phase has settled. Never blocks.
  [[nodiscard]] bool is_settled(Phase phase = Phase::kBackground) const;
  /// Copies, in order of declaration. Never blocks for long.
  [[nodiscard]] std::vector<TaskRun> runs() const;
  /// What the tasks that succeeded took (from begin to end, retries included): for the journal.
  [[nodiscard]] Durations durations() const;

 private:
  struct State;
  explicit Runner(std::shared_ptr<State> state);
  const std::shared_ptr<State>
      state_;  // shared because posted work, timers and asynchronous ends may outlive the runner
};

}  // namespace hearth::startup
