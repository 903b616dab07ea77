#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "engine/engine.h"
#include "model/id.h"

namespace hearth::model {

/// When a model is loaded; also the order in which waiting loads get their turn.
enum class LoadMode {
  kRequired,  // readiness waits for it
  kPreload,   // loaded at start, readiness does not wait
  kOnDemand,  // loaded by the first request
};

/// When the one synthetic inference after a load runs.
enum class WarmUp {
  kNone,
  kAfterReady,   // in the background; a real request comes first and makes it needless
  kBeforeReady,  // part of the load: ready means warm
};

/// One configured model. The registry knows nothing about kinds: adding an engine changes nothing here.
struct ModelSpec {
  ModelName name{};
  std::vector<ModelName> aliases{};
  std::string kind{};   // "speech", "transcription", …: for people and metric labels
  std::string group{};  // whose caps apply (RegistryOptions::groups); empty: the kind's
  ModelKey key{};
  base::Bytes file_bytes{};  // sum of its files; the first estimate of memory is made of it
  LoadMode mode = LoadMode::kOnDemand;
  bool pinned = false;                  // never evicted and never unloaded for idleness
  std::optional<base::Duration> ttl{};  // unloaded after this long without use; none: stays
  WarmUp warm_up = WarmUp::kNone;
  std::optional<base::Duration> expected_load{};  // what its load took in an earlier start, for forecasts
  engine::Load load{};
};

[[nodiscard]] std::string_view load_mode_name(LoadMode mode);  // "required", "preload", "on_demand"

}  // namespace hearth::model
