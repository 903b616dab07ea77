#include "app/late_preparations.h"

#include <exception>
#include <utility>

#include "base/log.h"

namespace hearth::app {

LatePreparations::LatePreparations(base::Executor& executor, startup::Recorder& recorder,
                                   std::map<std::string, Job> jobs)
    : recorder_(recorder), jobs_(std::move(jobs)), queue_(executor) {}

LatePreparations::~LatePreparations() { request_stop(); }

void LatePreparations::on_loaded(const std::string& model) {
  auto found = jobs_.extract(model);
  if (found.empty()) return;
  // Nothing of this object: the job may outlive it.
  auto run = [job = std::move(found.mapped()), model, stop = stop_.get_token(), &recorder = recorder_] {
    if (stop.stop_requested()) return;
    const auto span = recorder.span(model + ".prepare");
    const auto prepared = job(stop);
    if (prepared || prepared.error().code == base::Code::kCancelled) return;
    base::log_warning("{}: what makes it faster could not be made: {}; the next start of the server tries again", model,
                      prepared.error().line());
  };
  try {
    queue_.post(std::move(run));
  } catch (const std::exception& error) {  // no thread: the load was a success all the same
    base::log_warning("{}: what makes it faster is not made now: {}", model, error.what());
  }
}

std::map<std::string, LatePreparations::Job> make_late_jobs(Workshop& workshop,
                                                            const std::vector<store::ServedModel>& served) {
  std::map<std::string, LatePreparations::Job> jobs;
  for (const store::ServedModel& model : served) {
    const EngineEntry* engine = find_engine(model.spec.engine);
    if (engine == nullptr || engine->prepare == nullptr || model.config.load != config::Load::kOnDemand) continue;
    jobs.emplace(model.spec.name, [&workshop, &model, engine](const std::stop_token& stop) {
      return prepare_served(*engine, model, workshop, {.urgency = base::Urgency::kBackground, .stop = stop});
    });
  }
  return jobs;
}

}  // namespace hearth::app
