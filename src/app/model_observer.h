#pragma once

// Joins the registry's events to metrics, the timeline, readiness and the log: the only place where these know each
// other.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "model/events.h"
#include "observe/metrics.h"
#include "startup/readiness.h"
#include "startup/recorder.h"
#include "startup/task.h"

namespace hearth::app {

/// Every method but follow() and unfollow() runs on the registry's strand.
class ModelObserver final : public model::Events {
 public:
  using OnLoaded = std::function<void(const std::string& model)>;
  /// `on_loaded` is told of each load that succeeds, by every name of its model; it is short and does not block. May be
  /// empty.
  ModelObserver(observe::Metrics& metrics, startup::Recorder& recorder, startup::Readiness& readiness,
                OnLoaded on_loaded = {});
  /// Shows the progress of `model`'s load as that of a start task, so that a load that moves is not taken for a stalled
  /// one. Any thread.
  void follow(const std::string& model, startup::TaskContext task) EXCLUDES(mutex_);
  /// The task has its result. Until then it is the task's end that tells of a failure, and not the log. Any thread.
  void unfollow(const std::string& model) EXCLUDES(mutex_);
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
  /// The start tasks that this model's load is part of, under whichever of its names.
  std::vector<startup::TaskContext> followers(const model::ModelSpec& model) EXCLUDES(mutex_);

  observe::Metrics& metrics_;
  startup::Recorder& recorder_;
  startup::Readiness& readiness_;
  const OnLoaded on_loaded_;
  base::Mutex mutex_;
  std::map<std::string, startup::TaskContext> tasks_ GUARDED_BY(mutex_);
};

}  // namespace hearth::app
