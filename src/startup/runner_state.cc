#include "startup/runner_state.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <string>
#include <utility>

#include "base/log.h"

namespace hearth::startup {

using base::Code;
using base::Error;
using base::Instant;
using base::MutexLock;
using base::Result;

namespace {
constexpr double kFractionStep = 0.01;  // a progress bar shows no less, so the recorder is told no more often
}  // namespace

/// Weak: a context that a task keeps must not keep the runner's insides.
class Runner::State::ProgressSink final : public TaskContext::Sink {
 public:
  ProgressSink(std::weak_ptr<State> state, std::size_t task, int attempt)
      : state_(std::move(state)), task_(task), attempt_(attempt) {}
  void on_progress(double fraction, std::string_view stage) override {
    if (const auto state = state_.lock()) state->on_progress(task_, attempt_, fraction, stage);
  }

 private:
  const std::weak_ptr<State> state_;
  const std::size_t task_;
  const int attempt_;
};

Runner::State::State(const RunnerParts& runner_parts, RunnerOptions runner_options, Plan made, std::vector<Task> given)
    : parts(runner_parts), options(std::move(runner_options)), plan(std::move(made)), tasks(std::move(given)) {
  MutexLock lock(mutex);
  states.assign(plan.size(), TaskState::kWaiting);
  live.resize(plan.size());
  for (const Task& task : tasks) {
    TaskRun run;
    run.name = task.name;
    run.title = task.title;
    run.phase = task.phase;
    run.needs = task.needs;
    run.is_async = task.begin != nullptr;
    runs.push_back(std::move(run));
    titled_total += task.title.empty() ? 0 : 1;
    (task.phase == Phase::kCritical ? critical_left : background_left) += 1;
    parts.recorder.put_task(runs.size() - 1, runs.back());
  }
}

void Runner::State::start() {
  {
    MutexLock lock(mutex);
    if (std::exchange(started, true) || closed) return;
    pump();
    tell_settled_phases();
  }
  deliver();
}

void Runner::State::pump() {
  if (!started || stop.stop_requested()) return;
  for (const Blocked& blocked : find_blocked(plan, states)) {
    const TaskRun& cause = runs[blocked.cause];
    Error error = cause.error.value_or(Error{Code::kCancelled, "cancelled", {}});
    error.message = cause.name + ": " + error.message;
    settle(blocked.task, TaskState::kBlocked, std::move(error));
  }
  const base::Duration now = since_exec();
  for (const std::size_t task : ready_set(plan, states)) {
    if (!runs[task].runnable) runs[task].runnable = now;
  }
  for (const std::size_t task : choose(plan, states, options.machine)) launch(task);
}

void Runner::State::launch(std::size_t task) {
  TaskRun& run = runs[task];
  states[task] = run.state = TaskState::kRunning;
  const int attempt = ++run.tries;
  live[task] = Live{.begun = false, .sign_of_life = parts.clock.now(), .retry_timer = 0, .recorded_fraction = -1};
  if (!run.begin) run.begin = since_exec();
  run.fraction = -1;
  run.stage.clear();
  parts.recorder.put_task(task, run);
  ensure_watch();
  parts.executor.post([self = shared_from_this(), task, attempt] { self->execute(task, attempt); });
}

void Runner::State::execute(std::size_t task, int attempt) {
  {
    MutexLock lock(mutex);
    if (!is_current(task, attempt)) return;
    live[task].begun = true;
    live[task].sign_of_life = parts.clock.now();
    runs[task].thread = ::gettid();
    if (attempt == 1) runs[task].begin = since_exec();  // launched before, perhaps while this thread still ran another
    parts.recorder.put_task(task, runs[task]);
    ++executing;
  }
  const Task& it = tasks[task];
  TaskContext context(stop.get_token(), std::make_shared<ProgressSink>(weak_from_this(), task, attempt));
  try {
    if (it.run) {
      finish(task, attempt, it.run(context));
    } else {
      it.begin(context, [weak = weak_from_this(), task, attempt](Result<void> result) {
        if (const auto self = weak.lock()) self->finish(task, attempt, std::move(result));
      });
    }
  } catch (const std::exception& error) {  // promised not to; a start must not end by std::terminate all the same
    finish(task, attempt, base::fail(Code::kInternal, error.what()));
  }
  MutexLock lock(mutex);
  --executing;
  changed.notify_all();
}

void Runner::State::finish(std::size_t task, int attempt, Result<void> result) {
  {
    MutexLock lock(mutex);
    if (!is_current(task, attempt)) return;
    runs[task].is_stalled = false;
    parts.recorder.note_memory();
    const RetryPolicy& retry = tasks[task].retry;
    if (result) {
      settle(task, TaskState::kDone, std::nullopt);
    } else if (attempt <= retry.retries && !retry.permanent(result.error().code) && !stop.stop_requested()) {
      states[task] = runs[task].state = TaskState::kRetrying;
      runs[task].error = result.error();
      parts.recorder.put_task(task, runs[task]);
      parts.recorder.note(runs[task].name, "retry", result.error().line());
      calls.push_back([name = runs[task].name, line = result.error().line(), delay = retry.delay] {
        base::log_warning("start: {} failed, next try in {} ms: {}", name, delay.count(), line);
      });
      live[task].retry_timer =
          call_at(parts.clock.now() + retry.delay, [task, attempt](State& self) { self.on_retry_due(task, attempt); });
    } else {
      const bool cancelled = result.error().code == Code::kCancelled;
      settle(task, cancelled ? TaskState::kCancelled : TaskState::kFailed, std::move(result.error()));
    }
    pump();
    tell_settled_phases();
  }
  deliver();
}

void Runner::State::on_retry_due(std::size_t task, int attempt) {
  {
    MutexLock lock(mutex);
    if (closed || states[task] != TaskState::kRetrying || runs[task].tries != attempt) return;
    live[task].retry_timer = 0;
    states[task] = runs[task].state = TaskState::kWaiting;
    parts.recorder.put_task(task, runs[task]);
    pump();
  }
  deliver();
}

void Runner::State::settle(std::size_t task, TaskState state, std::optional<Error> error) {
  TaskRun& run = runs[task];
  states[task] = run.state = state;
  run.end = since_exec();
  if (state == TaskState::kDone) run.fraction = 1;
  if (error || state != TaskState::kDone) run.error = std::move(error);  // a success keeps what its retry mended
  (run.phase == Phase::kCritical ? critical_left : background_left) -= 1;
  if (live[task].retry_timer != 0) parts.timers.cancel(std::exchange(live[task].retry_timer, 0));
  if (is_phase_settled(Phase::kBackground) && watch_timer != 0) parts.timers.cancel(std::exchange(watch_timer, 0));
  if (!run.title.empty()) ++titled_done;
  parts.recorder.put_task(task, run);
  if (options.on_end) {
    calls.push_back([this, copy = run, done = titled_done, total = titled_total] {
      options.on_end({copy, done, total});
    });
  }
}

void Runner::State::tell_settled_phases() {
  if (!started) return;
  if (is_phase_settled(Phase::kCritical) && !std::exchange(told_critical, true) && options.on_critical_settled) {
    calls.push_back([this] { options.on_critical_settled(); });
  }
  if (is_phase_settled(Phase::kBackground) && !std::exchange(told_all, true) && options.on_all_settled) {
    calls.push_back([this] { options.on_all_settled(); });
  }
}

void Runner::State::deliver() {
  for (;;) {
    std::function<void()> call;
    {
      MutexLock lock(mutex);
      if (delivering) return;
      if (calls.empty()) {
        changed.notify_all();
        return;
      }
      delivering = true;
      call = std::move(calls.front());
      calls.pop_front();
    }
    call();
    MutexLock lock(mutex);
    delivering = false;
  }
}

void Runner::State::ensure_watch() {
  if (options.stall_after <= base::Millis{0} || watch_timer != 0) return;
  std::optional<Instant> due;
  for (std::size_t task = 0; task < states.size(); ++task) {
    if (states[task] != TaskState::kRunning || runs[task].is_stalled) continue;
    const Instant when = live[task].sign_of_life + options.stall_after;
    due = due ? std::min(*due, when) : when;
  }
  if (due) watch_timer = call_at(*due, [](State& self) { self.on_watch_due(); });
}

base::Timers::Id Runner::State::call_at(Instant when, std::function<void(State&)> call) {
  return parts.timers.call_at(when, [self = shared_from_this(), call = std::move(call)] { self->post(call); });
}

void Runner::State::post(const std::function<void(State&)>& call) {
  MutexLock lock(mutex);
  if (!closed) parts.executor.post([self = shared_from_this(), call] { call(*self); });
}

void Runner::State::on_watch_due() {
  {
    MutexLock lock(mutex);
    if (closed) return;
    watch_timer = 0;
    for (std::size_t task = 0; task < states.size(); ++task) {
      TaskRun& run = runs[task];
      const base::Duration silent = parts.clock.now() - live[task].sign_of_life;
      if (states[task] != TaskState::kRunning || run.is_stalled || silent < options.stall_after) continue;
      run.is_stalled = true;
      ++run.stalls;
      parts.recorder.put_task(task, run);
      const std::string text = fmt::format("no progress for {:.1f} s{}{}", base::to_seconds(silent),
                                           run.stage.empty() ? "" : " in ", run.stage);
      parts.recorder.note(run.name, "stall", text);
      calls.push_back(
          [name = run.name, text] { base::log_warning("start: {} is stalled: {}; waiting on", name, text); });
    }
    ensure_watch();
  }
  deliver();
}

void Runner::State::on_progress(std::size_t task, int attempt, double fraction, std::string_view stage) {
  {
    MutexLock lock(mutex);
    if (!is_current(task, attempt)) return;
    TaskRun& run = runs[task];
    Live& it = live[task];
    it.sign_of_life = parts.clock.now();
    const bool is_new_stage = !stage.empty() && stage != run.stage;
    if (fraction >= 0) run.fraction = std::min(fraction, 1.0);
    if (is_new_stage) run.stage = stage;
    const bool was_stalled = std::exchange(run.is_stalled, false);
    if (!is_new_stage && !was_stalled && std::abs(run.fraction - it.recorded_fraction) < kFractionStep) return;
    it.recorded_fraction = run.fraction;
    parts.recorder.put_task(task, run);
    if (is_new_stage) parts.recorder.note(run.name, "stage", stage);
    if (was_stalled) {
      parts.recorder.note(run.name, "moving", "");
      calls.push_back([name = run.name] { base::log_info("start: {} moves again", name); });
      ensure_watch();
    }
  }
  deliver();
}

void Runner::State::request_stop() {
  stop.request_stop();
  {
    MutexLock lock(mutex);
    if (closed) return;
    for (std::size_t task = 0; task < states.size(); ++task) {
      const bool not_begun = states[task] == TaskState::kRunning && !live[task].begun;
      if (startup::is_settled(states[task]) || (states[task] == TaskState::kRunning && !not_begun)) continue;
      settle(task, TaskState::kCancelled, Error{Code::kCancelled, "the start was stopped", {}});
    }
    tell_settled_phases();
  }
  deliver();
}

void Runner::State::close() {
  request_stop();
  std::vector<Task> dropped;  // what the functions hold goes outside the lock
  MutexLock lock(mutex);
  while (executing > 0 || delivering || !calls.empty()) changed.wait(mutex);
  closed = true;
  if (watch_timer != 0) parts.timers.cancel(watch_timer);
  dropped.swap(tasks);
}

}  // namespace hearth::startup
