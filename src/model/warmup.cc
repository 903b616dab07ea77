#include "model/warmup.h"

#include <exception>
#include <new>
#include <string>
#include <utility>

namespace hearth::model {

using base::Code;

namespace {

/// A library that throws amid a warm-up has failed at it, and nothing else.
base::Result<void> warm_up_guarded(engine::Engine& engine, const std::stop_token& stop) try {
  return engine.warm_up(stop);
} catch (const std::bad_alloc&) {
  return base::fail(Code::kExhausted, "there is not enough memory to warm up");
} catch (const std::exception& error) {
  return base::fail(Code::kInternal, std::string("the warm-up failed: ") + error.what());
}

}  // namespace

bool is_warm_up_due(const WarmUpView& view) {
  return view.wanted != WarmUp::kNone && view.warmth == Warmth::kCold && view.loaded && !view.leaving &&
         !view.has_served && !view.busy && view.pressure == Pressure::kNone;
}

WarmUpReport run_warm_up(engine::Engine& engine, const base::Clock& clock, std::stop_token stop) {
  const base::Instant begin = clock.now();
  WarmUpReport report;
  if (base::Result<void> result = warm_up_guarded(engine, stop); !result) report.error = std::move(result.error());
  // Cancelled means "again later" to whoever reads the report; an engine that says so by itself must not be asked for
  // ever.
  if (report.error && report.error->code == Code::kCancelled && !stop.stop_requested()) {
    report.error->code = Code::kInternal;
  }
  report.took = clock.now() - begin;
  return report;
}

WarmUpCoordinator::WarmUpCoordinator(const base::Clock& clock, RunInBackground run_in_background)
    : clock_(clock), run_in_background_(std::move(run_in_background)) {}

bool WarmUpCoordinator::try_start(const std::shared_ptr<Instance>& instance, Finished finished) {
  const auto [entry, is_new] = running_.try_emplace(instance->key);
  if (!is_new) return false;
  run_in_background_([this, held = instance, &clock = clock_, stop = entry->second.get_token(),
                      finished = std::move(finished)]() mutable -> std::function<void()> {
    const WarmUpReport report = stop.stop_requested()
                                    ? WarmUpReport{base::Error{Code::kCancelled, "a request came first", {}}, {}}
                                    : run_warm_up(*held->engine, clock, stop);
    const ModelKey key = held->key;
    held.reset();
    return [this, key, report, finished = std::move(finished)] {
      running_.erase(key);
      finished(report);
    };
  });
  return true;
}

void WarmUpCoordinator::yield(const ModelKey& key) {
  if (const auto found = running_.find(key); found != running_.end()) found->second.request_stop();
}

void WarmUpCoordinator::yield_all() {
  for (auto& [key, stop] : running_) stop.request_stop();
}

}  // namespace hearth::model
