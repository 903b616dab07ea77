#include "app/model_observer.h"

#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "startup/terminal_lines.h"

namespace hearth::app {

namespace {

using startup::duration_text;

/// Two entries of the configuration may be one model in memory, whose task and readiness go by either name.
std::vector<model::ModelName> names_of(const model::ModelSpec& model) {
  std::vector<model::ModelName> names = model.aliases;
  names.push_back(model.name);
  return names;
}

}  // namespace

ModelObserver::ModelObserver(observe::Metrics& metrics, startup::Recorder& recorder, startup::Readiness& readiness,
                             OnLoaded on_loaded)
    : metrics_(metrics), recorder_(recorder), readiness_(readiness), on_loaded_(std::move(on_loaded)) {}

void ModelObserver::follow(const std::string& model, startup::TaskContext task) {
  const base::MutexLock lock(mutex_);
  tasks_.insert_or_assign(model, std::move(task));
}

void ModelObserver::unfollow(const std::string& model) {
  const base::MutexLock lock(mutex_);
  tasks_.erase(model);
}

std::vector<startup::TaskContext> ModelObserver::followers(const model::ModelSpec& model) {
  std::vector<startup::TaskContext> tasks;
  const base::MutexLock lock(mutex_);
  for (const model::ModelName& name : names_of(model)) {
    if (const auto task = tasks_.find(name); task != tasks_.end()) tasks.push_back(task->second);
  }
  return tasks;
}

void ModelObserver::on_progress(const model::ModelSpec& model, double fraction, std::string_view stage) {
  // A copy: what follows a task may ask for the observer again.
  for (startup::TaskContext& task : followers(model)) task.progress(fraction, stage);
}

void ModelObserver::on_state(const model::ModelSpec& model, model::State from, model::State to) {
  base::log_debug("{}: {} -> {}", model.name, model::state_name(from), model::state_name(to));
  // One series a state, so that a graph shows when a model was in which.
  metrics_
      .gauge("hearth_model_state", "1 for the state a model is in.",
             {{"model", model.name}, {"state", std::string(model::state_name(from))}})
      .set(0);
  metrics_
      .gauge("hearth_model_state", "1 for the state a model is in.",
             {{"model", model.name}, {"state", std::string(model::state_name(to))}})
      .set(1);
  if (to == model::State::kReady && from == model::State::kLoading) recorder_.note_memory();
}

void ModelObserver::on_warmth(const model::ModelSpec& model, model::Warmth warmth) {
  metrics_
      .gauge("hearth_model_warm", "1 when a model has served an inference since it was loaded.",
             {{"model", model.name}})
      .set(warmth == model::Warmth::kWarm ? 1 : 0);
}

void ModelObserver::on_load_finished(const model::ModelSpec& model, const model::LoadReport& report) {
  const std::string result = report.error ? std::string(base::code_name(report.error->code)) : "ok";
  metrics_
      .counter("hearth_model_loads_total", "Model loads that ended, by result.",
               {{"model", model.name}, {"result", result}})
      .add();
  metrics_
      .histogram("hearth_model_load_seconds", "From the first demand to ready, or failed.", observe::load_buckets(),
                 {{"model", model.name}, {"result", result}})
      .observe(base::to_seconds(report.total));
  metrics_
      .gauge("hearth_model_load_resident_bytes", "What the process's resident memory grew by during the last load.",
             {{"model", model.name}})
      .set(static_cast<double>((report.resident_after - report.resident_before).count));
  if (report.error) {
    for (const model::ModelName& name : names_of(model)) readiness_.on_failed(name, *report.error);
    if (followers(model).empty()) base::log_error("{} failed to load: {}", model.name, report.error->line());
    return;
  }
  for (const model::ModelName& name : names_of(model)) readiness_.on_ready(name);
  if (readiness_.view().ok()) recorder_.mark("ready");
  if (!on_loaded_) return;
  for (const model::ModelName& name : names_of(model)) on_loaded_(name);
}

void ModelObserver::on_retry(const model::ModelSpec& model, const base::Error& cause, base::Duration delay) {
  recorder_.note(model.name, "retry", cause.line());
  metrics_.counter("hearth_model_load_retries_total", "Second tries of a load.", {{"model", model.name}}).add();
  base::log_warning("{}: {}; trying again in {}", model.name, cause.line(), duration_text(delay));
}

void ModelObserver::on_demand(const model::ModelSpec& model, Demand demand) {
  const char* how = demand == Demand::kHit ? "hit" : demand == Demand::kJoined ? "joined" : "miss";
  metrics_
      .counter("hearth_model_demands_total", "Requests for a model: it was loaded, a load was under way, or one began.",
               {{"model", model.name}, {"how", how}})
      .add();
}

// Readiness stays: the next demand loads it anew, and a load that then fails says so by itself.
void ModelObserver::on_broken(const model::ModelSpec& model, const base::Error& cause) {
  metrics_
      .counter("hearth_model_broken_total", "Models whose first inference failed by the engine's own fault.",
               {{"model", model.name}})
      .add();
  base::log_error("{} failed in its first inference: {}; the next request loads it anew", model.name, cause.line());
}

void ModelObserver::on_unloaded(const model::ModelSpec& model, const model::UnloadReport& report) {
  const std::string reason(model::unload_reason_name(report.reason));
  metrics_
      .counter("hearth_model_unloads_total", "Models that left memory, by reason.",
               {{"model", model.name}, {"reason", reason}})
      .add();
  // The end of the server takes all with it, and its own last line is the one to be read.
  if (report.reason == model::UnloadReason::kShutdown) return;
  base::log_info("{} unloaded ({}), {:.0f} MiB given back", model.name, reason, report.returned.mib());
}

void ModelObserver::on_warm_up_finished(const model::ModelSpec& model, const model::WarmUpReport& report) {
  const std::string result = report.error ? std::string(base::code_name(report.error->code)) : "ok";
  metrics_
      .counter("hearth_model_warm_ups_total", "Synthetic first inferences, by result.",
               {{"model", model.name}, {"result", result}})
      .add();
  const base::Instant now = recorder_.now();
  recorder_.add_span(model.name + ".warm-up", now - report.took, now);
  if (report.error && report.error->code != base::Code::kCancelled) {
    base::log_warning("{}: the warm-up failed: {}", model.name, report.error->line());
  }
}

void ModelObserver::on_measured(const model::ModelSpec& model, base::Bytes bytes) {
  metrics_.gauge("hearth_model_bytes", "Measured memory of a loaded model.", {{"model", model.name}})
      .set(static_cast<double>(bytes.count));
}

}  // namespace hearth::app
