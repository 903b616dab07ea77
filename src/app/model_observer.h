#pragma once

// Joins the registry's events to metrics, the timeline, readiness and the log: the only place where these know each
// other.

#include <map>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "model/events.h"
#include "observe/metrics.h"
#include "startup/readiness.h"
#include "startup/recorder.h"
#include "startup/task.h"

namespace hearth::app {

/// Every method but follow() runs on the registry's strand.
class ModelObserver final : public model::Events {
 public:
  ModelObserver(observe::Metrics& metrics, startup::Recorder& recorder, startup::Readiness& readiness);
  /// Shows the progress of `model`'s load as that of a start task, so that a load that moves is not taken for a stalled
  /// one. Any thread.
  void follow(const std::string& model, startup::TaskContext task) EXCLUDES(mutex_);
  void on_state(const model::ModelSpec& model, model::State from, model::State to) override;
  void on_warmth(const model::ModelSpec& model, model::Warmth warmth) override;
  void on_progress(const model::ModelSpec& model, double fraction, std::string_view stage) override EXCLUDES(mutex_);
  void on_load_finished(const model::ModelSpec& model, const model::LoadReport& report) override;
  void on_retry(const model::ModelSpec& model, const base::Error& cause, base::Duration delay) override;
  void on_demand(const model::ModelSpec& model, Demand demand) override;
  void on_broken(const model::ModelSpec& model, const base::Error& cause) override;
  void on_unloaded(const model::ModelSpec& model, const model::UnloadReport& report) override;
  void on_warm_up_finished(const model::ModelSpec& model, const model::WarmUpReport& report) override;
  void on_measured(const model::ModelSpec& model, base::Bytes bytes) override;

 private:
  observe::Metrics& metrics_;
  startup::Recorder& recorder_;
  startup::Readiness& readiness_;
  base::Mutex mutex_;
  std::map<std::string, startup::TaskContext> tasks_ GUARDED_BY(mutex_);
};

}  // namespace hearth::app
