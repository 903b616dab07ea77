#pragma once

// The owner of every synthetic inference, so that none is made twice and none competes with a real request.

#include <functional>
#include <map>
#include <memory>
#include <stop_token>

#include "base/clock.h"
#include "model/events.h"
#include "model/lease.h"
#include "model/policy/memory_pressure.h"
#include "model/spec.h"
#include "model/state.h"

namespace hearth::model {

struct WarmUpView {
  WarmUp wanted = WarmUp::kNone;
  Warmth warmth = Warmth::kCold;
  bool loaded = false;
  bool leaving = false;     // somebody waits to unload it
  bool has_served = false;  // a real inference has already done what a warm-up would
  bool busy = false;        // a real request holds any model, or a load runs: both need the cores more
  Pressure pressure = Pressure::kNone;
};

/// Whether a warm-up begins now; where it does not because the process is busy, it is asked again when it is not. Pure.
[[nodiscard]] bool is_warm_up_due(const WarmUpView& view);

/// Runs one and times it; what the engine throws is an error like others. Blocks.
[[nodiscard]] WarmUpReport run_warm_up(engine::Engine& engine, const base::Clock& clock, std::stop_token stop);

/// Runs warm-ups in the background, one at a time for each model. All methods on the registry's strand.
class WarmUpCoordinator {
 public:
  /// `run_in_background` runs its argument off the strand, and what that returns on the strand.
  using RunInBackground = std::function<void(std::function<std::function<void()>()>)>;
  using Finished = std::function<void(const WarmUpReport&)>;
  WarmUpCoordinator(const base::Clock& clock, RunInBackground run_in_background);

  /// `finished` is called later, on the strand; by then the instance is no longer held here. False, and nothing
  /// happens, while one runs for that key.
  bool try_start(const std::shared_ptr<Instance>& instance, Finished finished);
  [[nodiscard]] bool is_running(const ModelKey& key) const { return running_.contains(key); }
  /// The model is to leave: stops its warm-up soon; `finished` gets kCancelled.
  void yield(const ModelKey& key);
  /// A real request or a load has come: stops all that run.
  void yield_all();

 private:
  const base::Clock& clock_;
  const RunInBackground run_in_background_;
  std::map<ModelKey, std::stop_source> running_;  // registry strand
};

}  // namespace hearth::model
