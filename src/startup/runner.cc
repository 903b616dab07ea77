#include "startup/runner.h"

#include <utility>

#include "startup/runner_state.h"

namespace hearth::startup {

using base::MutexLock;
using base::Result;

Result<std::unique_ptr<Runner>> Runner::make(const RunnerParts& parts, RunnerOptions options, std::vector<Task> tasks) {
  std::vector<Node> nodes;
  nodes.reserve(tasks.size());
  for (const Task& task : tasks) {
    if ((task.run == nullptr) == (task.begin == nullptr)) {
      return base::fail(base::Code::kInvalidArgument,
                        "start-up task \"" + task.name + "\" must have either run or begin");
    }
    nodes.push_back({task.name, task.phase, task.needs, task.uses, task.after_failure});
  }
  auto plan = Plan::make(std::move(nodes), options.last);
  if (!plan) return base::fail(std::move(plan.error()));
  return std::unique_ptr<Runner>(
      new Runner(std::make_shared<State>(parts, std::move(options), std::move(*plan), std::move(tasks))));
}

Runner::Runner(std::shared_ptr<State> state) : state_(std::move(state)) {}
Runner::~Runner() { state_->close(); }
void Runner::start() { state_->start(); }
void Runner::request_stop() { state_->request_stop(); }

void Runner::wait(Phase phase) {
  State& state = *state_;
  MutexLock lock(state.mutex);
  while (!state.is_phase_settled(phase) || state.delivering || !state.calls.empty()) state.changed.wait(state.mutex);
}

bool Runner::is_settled(Phase phase) const {
  State& state = *state_;
  MutexLock lock(state.mutex);
  return state.is_phase_settled(phase);
}

std::vector<TaskRun> Runner::runs() const {
  State& state = *state_;
  MutexLock lock(state.mutex);
  return state.runs;
}

Durations Runner::durations() const {
  State& state = *state_;
  MutexLock lock(state.mutex);
  Durations durations;
  for (const TaskRun& run : state.runs) {
    if (run.state == TaskState::kDone) durations[run.name] = *run.end - *run.begin;
  }
  return durations;
}

}  // namespace hearth::startup
