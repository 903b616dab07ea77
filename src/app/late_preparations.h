#pragma once

// What makes the next load of a model faster, for models that no start loads: each is prepared once in the life of the
// server, in the background, after its first load. Models that load at the start have a start task for it
// (startup_tasks.cc).

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "app/engine_table.h"
#include "base/result.h"
#include "base/strand.h"
#include "startup/recorder.h"
#include "store/served_models.h"

namespace hearth::app {

/// Threads: on_loaded() is one thread's at a time (the registry's strand); request_stop() any. What a job works with,
/// and the recorder, outlive the executor.
class LatePreparations {
 public:
  /// Blocks for as long as it takes; kCancelled soon after `stop`. Does nothing where all is there.
  using Job = std::function<base::Result<void>(const std::stop_token& stop)>;

  /// `jobs` by the names of their models.
  LatePreparations(base::Executor& executor, startup::Recorder& recorder, std::map<std::string, Job> jobs);
  /// Drops what has not begun. What runs is told to stop and ends by itself.
  ~LatePreparations();
  LatePreparations(const LatePreparations&) = delete;
  LatePreparations& operator=(const LatePreparations&) = delete;

  /// Queues this model's job, one after the other: each takes all cores. Its second load finds none. Never blocks.
  void on_loaded(const std::string& model);
  /// Nothing begins from now on, and what runs is told to stop. Idempotent.
  void request_stop() { stop_.request_stop(); }

 private:
  startup::Recorder& recorder_;
  std::map<std::string, Job> jobs_;  // of models that were not loaded yet; as on_loaded()
  std::stop_source stop_;
  base::Strand queue_;
};

/// Of those of `served` that load on demand and whose engine has something to prepare. All borrowed; `workshop` and
/// `served` outlive the executor.
[[nodiscard]] std::map<std::string, LatePreparations::Job> make_late_jobs(
    Workshop& workshop, const std::vector<store::ServedModel>& served);

}  // namespace hearth::app
