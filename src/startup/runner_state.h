#pragma once

// The runner's inside, apart from its public face because it outlives it: posted work, timers and asynchronous ends
// hold it. For runner.cc and runner_state.cc only. Any thread may enter; one mutex guards what changes, and no function
// of a task and no callback is called under it.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "startup/runner.h"

namespace hearth::startup {

struct Runner::State : std::enable_shared_from_this<Runner::State> {
  /// A task's moving parts that no timeline shows.
  struct Live {
    bool begun = false;          // its function was entered in this try
    base::Instant sign_of_life;  // last progress, or the begin of the try
    base::Timers::Id retry_timer = 0;
    double recorded_fraction = -1;
  };
  class ProgressSink;

  State(const RunnerParts& runner_parts, RunnerOptions runner_options, Plan made, std::vector<Task> given);

  base::Duration since_exec() const { return parts.recorder.since_exec(parts.clock.now()); }

  void start() EXCLUDES(mutex);
  void request_stop() EXCLUDES(mutex);
  void close() EXCLUDES(mutex);
  /// Settles what is blocked, then posts what the plan chooses.
  void pump() REQUIRES(mutex);
  void launch(std::size_t task) REQUIRES(mutex);
  void settle(std::size_t task, TaskState state, std::optional<base::Error> error) REQUIRES(mutex);
  void tell_settled_phases() REQUIRES(mutex);
  /// Sets the one stall timer for the task that is due first, unless it is set. One for all: a timer a task would wake
  /// the timer's thread at every begin and end.
  void ensure_watch() REQUIRES(mutex);
  /// Runs `call` on the executor at `when`: on the timer's own thread runs no task, no callback and no log.
  base::Timers::Id call_at(base::Instant when, std::function<void(State&)> call) REQUIRES(mutex);
  void post(const std::function<void(State&)>& call) EXCLUDES(mutex);
  /// Runs queued callbacks in order, unless another thread does.
  void deliver() EXCLUDES(mutex);

  void execute(std::size_t task, int attempt) EXCLUDES(mutex);
  void finish(std::size_t task, int attempt, base::Result<void> result) EXCLUDES(mutex);
  void on_progress(std::size_t task, int attempt, double fraction, std::string_view stage) EXCLUDES(mutex);
  void on_watch_due() EXCLUDES(mutex);
  void on_retry_due(std::size_t task, int attempt) EXCLUDES(mutex);
  [[nodiscard]] bool is_current(std::size_t task, int attempt) const REQUIRES(mutex) {
    return !closed && states[task] == TaskState::kRunning && runs[task].tries == attempt;
  }
  [[nodiscard]] bool is_phase_settled(Phase phase) const REQUIRES(mutex) {
    return critical_left == 0 && (phase == Phase::kCritical || background_left == 0);
  }

  const RunnerParts parts;  // not to be touched once closed
  const RunnerOptions options;
  const Plan plan;
  std::vector<Task> tasks;  // constant until close(), when no function runs any more
  std::stop_source stop;

  base::Mutex mutex;
  base::CondVar changed;
  std::vector<TaskState> states GUARDED_BY(mutex);
  std::vector<TaskRun> runs GUARDED_BY(mutex);
  std::vector<Live> live GUARDED_BY(mutex);
  std::size_t critical_left GUARDED_BY(mutex) = 0, background_left GUARDED_BY(mutex) = 0;
  std::size_t titled_done GUARDED_BY(mutex) = 0, titled_total GUARDED_BY(mutex) = 0;
  bool told_critical GUARDED_BY(mutex) = false, told_all GUARDED_BY(mutex) = false;
  bool started GUARDED_BY(mutex) = false, closed GUARDED_BY(mutex) = false;
  int executing GUARDED_BY(mutex) = 0;  // threads inside a task's function
  base::Timers::Id watch_timer GUARDED_BY(mutex) = 0;
  std::deque<std::function<void()>> calls GUARDED_BY(mutex);
  bool delivering GUARDED_BY(mutex) = false;
};

}  // namespace hearth::startup
