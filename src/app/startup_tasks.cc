#include "app/startup_tasks.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "base/log.h"
#include "startup/hardware.h"
#include "store/cleaning.h"

namespace hearth::app {
namespace {

using base::Result;
using startup::Phase;
using startup::Task;
using startup::TaskContext;

constexpr const char* kOnnxRuntimeTask = "onnxruntime";

/// Opens the library that most engines stand on, beside whatever else can start.
Task open_onnxruntime(Workshop& workshop) {
  Task task{.name = kOnnxRuntimeTask, .uses = {.cores = 1}};
  task.run = [&workshop](TaskContext&) -> Result<void> {
    auto opened = workshop.ensure_onnxruntime();
    if (!opened) return base::fail(opened.error());
    return {};
  };
  return task;
}

/// Asks the registry for one model. The load itself runs on the registry's threads, which retry by themselves.
Task load_model(const StartParts& parts, const store::ServedModel& served) {
  const std::string name = served.spec.name;
  Task task{.name = name, .title = name, .uses = {.cores = 1}, .retry = startup::no_retry()};
  task.begin = [parts, name](const TaskContext& context, const startup::Done& done) {
    parts.observer.follow(name, context);
    parts.registry.ensure_ready(
        name, model::Wait::forever(),
        [done, name, &observer = parts.observer, stop = context.stop()](tl::expected<void, model::NotReady> ready) {
          observer.unfollow(name);
          if (ready) return done({});
          base::Error error = std::move(ready.error().error);
          if (stop.stop_requested()) error.code = base::Code::kCancelled;  // the server ends: no failure of this model
          done(base::fail(std::move(error)));
        });
  };
  return task;
}

/// Writes what makes the next start faster, where it is missing or stale. For models that load later,
/// late_preparations.h does.
Task prepare_model(Workshop& workshop, const store::ServedModel& served, const EngineEntry& engine) {
  Task task{.name = served.spec.name + ".prepare",
            .phase = Phase::kBackground,
            .needs = {served.spec.name},
            .uses = {.cores = 1},
            .retry = startup::no_retry()};
  task.run = [&workshop, &served, &engine](TaskContext& context) -> Result<void> {
    const Preparing how{base::Urgency::kBackground, context.stop(), [&context] { context.progress(-1, "write"); }};
    return prepare_served(engine, served, workshop, how);
  };
  return task;
}

/// Compares the digests of files that nothing has loaded yet, and that changed since they were last verified. Reads
/// every byte, so it waits until all of `loaded` serve or have failed; of those, the load did it and told.
Task verify_files(Workshop& workshop, const std::vector<store::ServedModel>& served,
                  const std::vector<std::string>& loaded) {
  Task task{.name = "verify",
            .phase = Phase::kBackground,
            .needs = loaded,
            .after_failure = startup::AfterFailure::kRunsToo,
            .uses = {.cores = 1, .disk = 100},
            .retry = startup::no_retry()};
  task.run = [&workshop, &served, loaded](TaskContext& context) -> Result<void> {
    const config::Folders& folders = workshop.loaded().folders;
    for (const store::ServedModel& model : served) {
      if (std::ranges::find(loaded, model.spec.name) != loaded.end()) continue;
      const auto local = store::find_local(model.spec, folders);
      if (!local) continue;
      const auto alive = [&context](double, std::string_view) { context.progress(-1, "verify"); };
      auto good = workshop.verifier().check(*local, alive, context.stop());
      if (!good && good.error().code != base::Code::kCancelled) base::log_error("{}", good.error().line());
    }
    return {};
  };
  return task;
}

/// One gentle pass over our own folders: what an interrupted download or an older version left.
Task clean_folders(Workshop& workshop, std::vector<std::string> after) {
  Task task{.name = "clean-up",
            .phase = Phase::kBackground,
            .needs = std::move(after),
            .after_failure = startup::AfterFailure::kRunsToo,
            .uses = {.cores = 1},
            .retry = startup::no_retry()};
  task.run = [&workshop](TaskContext&) -> Result<void> {
    const config::Loaded& loaded = workshop.loaded();
    const auto now = std::filesystem::file_time_type::clock::now();
    for (const store::Removal& removal :
         store::plan_cleaning(loaded.config(), loaded.folders, store::Cleaning::kGentle, now)) {
      if (store::apply(removal, loaded.folders)) base::log_info("removed {} ({})", removal.path.string(), removal.why);
    }
    return {};
  };
  return task;
}

}  // namespace

std::vector<Task> make_startup_tasks(const StartParts& parts) {
  std::vector<Task> tasks;
  std::vector<std::string> loaded;
  bool opens_onnxruntime = false;
  for (const store::ServedModel& served : parts.served) {
    const EngineEntry* engine = find_engine(served.spec.engine);
    if (engine == nullptr || served.config.load == config::Load::kOnDemand) continue;
    Task load = load_model(parts, served);
    if (engine->library == EngineEntry::Library::kOnnxRuntime) {
      if (!std::exchange(opens_onnxruntime, true)) tasks.push_back(open_onnxruntime(parts.workshop));
      load.needs.emplace_back(kOnnxRuntimeTask);
    }
    tasks.push_back(std::move(load));
    if (engine->prepare != nullptr) tasks.push_back(prepare_model(parts.workshop, served, *engine));
    loaded.push_back(served.spec.name);
  }
  if (loaded.empty()) return tasks;
  tasks.push_back(verify_files(parts.workshop, parts.served, loaded));
  if (parts.workshop.loaded().config().cleanup.at_start) tasks.push_back(clean_folders(parts.workshop, loaded));
  return tasks;
}

}  // namespace hearth::app
