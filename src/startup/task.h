#pragma once

// A start-up task: what it is called, what must be done first, what it takes of the machine, and what it does.
// This header is the vocabulary of the room; plan.h decides when a task runs, runner.h runs it, timeline.h remembers
// it.

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace hearth::startup {

/// Critical: readiness waits for it. Background: what makes later requests or the next start faster; it never delays a
/// critical task (plan.h says how), and no critical task may need it.
enum class Phase { kCritical, kBackground };

/// What a task takes while it runs. A need larger than the machine counts as the whole machine: the task then runs
/// alone on that resource.
struct Uses {
  int cores = 1;         // 0: it only waits (for a model that loads on the registry's threads, say)
  int disk = 0;          // share of the disk in percent: 100 for a task that reads as fast as the disk can
  base::Bytes memory{};  // what it adds to memory while it runs; upper bound, 0 where it is little
};

struct RetryPolicy {
  int retries = 1;          // tries after the first
  base::Millis delay{500};  // from the failure to the next try; the task holds no resources meanwhile
  bool (*permanent)(base::Code) = &base::is_permanent;
};
[[nodiscard]] constexpr RetryPolicy no_retry() { return RetryPolicy{.retries = 0}; }

/// What a running task holds of the runner. A copyable handle: an asynchronous task keeps a copy; calls after the try
/// has ended do nothing. Any thread.
class TaskContext {
 public:
  /// What a runner gives; tests of task functions make their own.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void on_progress(double fraction, std::string_view stage) = 0;
  };
  TaskContext(std::stop_token stop, std::shared_ptr<Sink> sink) : stop_(std::move(stop)), sink_(std::move(sink)) {}

  /// Asked to stop when the start is cancelled. A task that sees it returns kCancelled as soon as it can.
  [[nodiscard]] const std::stop_token& stop() const { return stop_; }
  /// Shows life: a task that does not call this for RunnerOptions::stall_after is reported as stalled. `fraction` is 0
  /// … 1 of the whole task (negative: not known); `stage` is one word of what it does now, "open" say. Cheap: call it
  /// freely.
  void progress(double fraction, std::string_view stage = {}) const {
    if (sink_) sink_->on_progress(fraction, stage);
  }

 private:
  std::stop_token stop_;
  std::shared_ptr<Sink> sink_;  // shared because an asynchronous task may outlive its runner
};

/// Ends a try of an asynchronous task. Exactly once, from any thread; more calls do nothing.
using Done = std::function<void(base::Result<void>)>;

/// What becomes of a task when one that it needs does not succeed.
enum class AfterFailure {
  kBlocked,  // it never runs
  kRunsToo,  // it only wanted to come later
};

/// Give exactly one of `run` and `begin`.
struct Task {
  std::string name{};   // unique in the start; the journal and the timeline know it by this
  std::string title{};  // how a person reads it in the terminal lines ("whisper"); empty: no line of its own
  Phase phase = Phase::kCritical;
  std::vector<std::string> needs{};  // names of tasks that come first
  AfterFailure after_failure = AfterFailure::kBlocked;
  Uses uses{};
  RetryPolicy retry{};
  /// Blocks until done, on a thread of the runner's executor. Must not throw.
  std::function<base::Result<void>(TaskContext&)> run{};
  /// Starts the work and returns soon; `done` is called when it has ended (inside `begin` too). What `uses` says is
  /// held until then.
  std::function<void(TaskContext, Done)> begin{};
};

}  // namespace hearth::startup
