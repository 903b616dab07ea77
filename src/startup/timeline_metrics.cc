#include "startup/timeline_metrics.h"

#include <map>
#include <string>

namespace hearth::startup {

void publish_timeline(const Timeline& timeline, observe::Metrics& metrics) {
  if (timeline.accuracy != StartAccuracy::kUnknown) {
    metrics.gauge("hearth_startup_exec_to_main_seconds", "From exec of the process to main.")
        .set(base::to_seconds(timeline.main));
  }
  for (const Mark& mark : timeline.marks) {
    metrics.gauge("hearth_startup_mark_seconds", "From exec to a moment of the start.", {{"mark", mark.name}})
        .set(base::to_seconds(mark.at));
  }
  std::map<TaskState, int> count;
  for (const TaskState state : {TaskState::kWaiting, TaskState::kRunning, TaskState::kRetrying, TaskState::kDone,
                                TaskState::kFailed, TaskState::kBlocked, TaskState::kCancelled}) {
    count[state] = 0;
  }
  int retries = 0, stalls = 0;
  for (const TaskRun& run : timeline.tasks) {
    ++count[run.state];
    retries += run.tries > 1 ? run.tries - 1 : 0;
    stalls += run.stalls;
    if (run.begin && run.end) {
      metrics
          .gauge("hearth_startup_task_seconds", "How long a start-up task took, retries included.",
                 {{"task", run.name}})
          .set(base::to_seconds(*run.end - *run.begin));
    }
  }
  for (const auto& [state, tasks] : count) {
    metrics.gauge("hearth_startup_tasks", "Start-up tasks by state.", {{"state", std::string(task_state_name(state))}})
        .set(tasks);
  }
  metrics.gauge("hearth_startup_retries", "Second tries of start-up tasks.").set(retries);
  metrics.gauge("hearth_startup_stalls", "Times that a start-up task showed no progress for too long.").set(stalls);
}

}  // namespace hearth::startup
