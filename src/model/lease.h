#pragma once

// The counted right to use a loaded model. While one exists the model is neither evicted nor unloaded.

#include <functional>
#include <memory>
#include <tl/expected.hpp>

#include "base/result.h"
#include "engine/engine.h"
#include "model/id.h"
#include "model/policy/first_use.h"
#include "model/wait.h"

namespace hearth::model {

/// What a lease is for.
enum class LeaseUse {
  kInference,  // counts as service: sets the time of last use, and makes a cold model warm
  kLook,       // reads what the model is (voices, sample rate); leaves the idle clock and the order of eviction alone
};

/// One engine in memory. Shared because the registry and every lease hold it, and a lease may outlive the registry.
struct Instance {
  ModelKey key;
  std::unique_ptr<engine::Engine> engine;
};

/// Movable. Given back at destruction, on any thread, also after the registry's end; the last one's end starts the idle
/// clock. Not to be used by two threads at once (the engine may be, as its capability says). Where a lease outlives the
/// registry, its end destroys the engine.
class Lease {
 public:
  Lease() = default;
  using GiveBack = std::function<void(UseResult)>;
  /// Made by the registry only.
  Lease(std::shared_ptr<Instance> instance, ModelName name, GiveBack give_back);
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease() { reset(); }

  /// REQUIRES: not empty. Valid while this lease is.
  [[nodiscard]] engine::Engine& engine() const { return *instance_->engine; }
  [[nodiscard]] engine::Engine* operator->() const { return instance_->engine.get(); }
  /// The model's own name, whatever alias was asked for.
  [[nodiscard]] const ModelName& name() const { return name_; }
  [[nodiscard]] explicit operator bool() const { return instance_ != nullptr; }
  /// An inference went well. Where nobody says so, the use has shown nothing of the engine: the client may have gone
  /// before it was asked.
  void note_served() { note({}); }
  /// What went wrong in this use, the client's mistakes too. The engine's own failures (policy/first_use.h) condemn a
  /// model that has not served since it was loaded. The first of several counts, and counts more than having served.
  void note_failure(const base::Error& why) { note(base::fail(why)); }
  /// Gives back now. Idempotent.
  void reset();

 private:
  void note(base::Result<void> result);

  std::shared_ptr<Instance> instance_;
  ModelName name_;
  GiveBack give_back_;
  UseResult result_;
};

/// A lease, or why there is none.
using Acquired = tl::expected<Lease, NotReady>;

}  // namespace hearth::model
