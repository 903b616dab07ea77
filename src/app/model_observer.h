#pragma once

// Joins the registry's events to metrics, the timeline, readiness and the log: the only place where these know each
// other.

#include <string_view>

#include "model/events.h"
#include "observe/metrics.h"
#include "startup/readiness.h"
#include "startup/recorder.h"

namespace hearth::app {

/// Every method runs on the registry's strand.
class ModelObserver final : public model::Events {
 public:
  ModelObserver(observe::Metrics& metrics, startup::Recorder& recorder, startup::Readiness& readiness);
  void on_state(const model::ModelSpec& model, model::State from, model::State to) override;
  void on_warmth(const model::ModelSpec& model, model::Warmth warmth) override;
  void on_load_finished(const model::ModelSpec& model, const model::LoadReport& report) override;
  void on_retry(const model::ModelSpec& model, const base::Error& cause, base::Duration delay) override;
  void on_demand(const model::ModelSpec& model, Demand demand) override;
  void on_unloaded(const model::ModelSpec& model, const model::UnloadReport& report) override;
  void on_warm_up_finished(const model::ModelSpec& model, const model::WarmUpReport& report) override;
  void on_measured(const model::ModelSpec& model, base::Bytes bytes) override;

 private:
  observe::Metrics& metrics_;
  startup::Recorder& recorder_;
  startup::Readiness& readiness_;
};

}  // namespace hearth::app
