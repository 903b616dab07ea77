#pragma once

// What the registry tells whoever counts, draws or logs (app/ joins it to metrics and the timeline).

#include <optional>

#include "base/result.h"
#include "base/units.h"
#include "model/spec.h"
#include "model/state.h"

namespace hearth::model {

struct LoadReport {
  std::optional<base::Error> error{};  // none: loaded
  base::Duration queued{};             // from asked to begun (fetching and waiting for room included)
  base::Duration took{};               // of the last try, from begun to its end
  base::Duration total{};              // from asked to ready or failed
  int tries = 1;
  base::Bytes resident_before{}, resident_after{};  // the process's, around the last try
};

enum class UnloadReason { kAsked, kEvicted, kIdle, kPressure, kShutdown, kBroken };

struct UnloadReport {
  UnloadReason reason = UnloadReason::kAsked;
  base::Bytes returned{};  // by how much the process's resident set shrank; near zero when other loads grew meanwhile
  base::Duration took{};
};

struct WarmUpReport {
  std::optional<base::Error> error{};  // kCancelled: a real request came, nothing is wrong
  base::Duration took{};
};

/// Called on the registry's strand, in order, after the change is published in the snapshot's source but possibly
/// before the snapshot itself: use the arguments. Must be short, must not block, must not call the registry's blocking
/// methods. Every method has an empty default.
class Events {
 public:
  virtual ~Events() = default;
  virtual void on_state(const ModelSpec& model, State from, State to) { (void)model, (void)from, (void)to; }
  virtual void on_warmth(const ModelSpec& model, Warmth warmth) { (void)model, (void)warmth; }
  /// Coalesced: the last of several quick ones is kept. Of a load that waits for its turn too ("queued"), now and then.
  virtual void on_progress(const ModelSpec& model, double fraction, std::string_view stage) {
    (void)model, (void)fraction, (void)stage;
  }
  virtual void on_load_finished(const ModelSpec& model, const LoadReport& report) { (void)model, (void)report; }
  /// A try failed and another follows after `delay`.
  virtual void on_retry(const ModelSpec& model, const base::Error& cause, base::Duration delay) {
    (void)model, (void)cause, (void)delay;
  }
  /// The first inference since the load failed by the engine's own fault: it leaves memory as soon as nobody uses it,
  /// and is failed then.
  virtual void on_broken(const ModelSpec& model, const base::Error& cause) { (void)model, (void)cause; }
  /// A caller found the model loaded (kHit), found a load under way and shares it (kJoined), or made one begin (kMiss).
  enum class Demand { kHit, kJoined, kMiss };
  virtual void on_demand(const ModelSpec& model, Demand demand) { (void)model, (void)demand; }
  virtual void on_unloaded(const ModelSpec& model, const UnloadReport& report) { (void)model, (void)report; }
  virtual void on_warm_up_finished(const ModelSpec& model, const WarmUpReport& report) { (void)model, (void)report; }
  virtual void on_measured(const ModelSpec& model, base::Bytes bytes) { (void)model, (void)bytes; }
};

[[nodiscard]] std::string_view unload_reason_name(UnloadReason reason);  // "asked", "evicted", "idle", …

}  // namespace hearth::model
