#pragma once

// What GET routes answer with, as plain structs and their JSON. Pure; no clock, no registry.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/load_card.h"

namespace hearth::wire {

/// One entry of /v1/models: OpenAI's four fields, then what this server knows beside.
struct ModelCard {
  std::string id;
  std::int64_t created = 0;  // seconds since 1970
  std::string kind;          // "speech", …
  std::vector<std::string> aliases;
  std::string state;   // "absent", "loading", "ready", …
  std::string warmth;  // "cold", "warming", "warm", "degraded"
  std::string load;    // "required", "preload", "on_demand"
  bool pinned = false;
  std::string stage;  // of a load under way
  double progress = 0;
  std::int64_t memory_bytes = 0;
  int leases = 0;
  int waiting = 0;
  std::int64_t loads = 0;
  std::int64_t failures = 0;
  std::optional<double> last_load_ms;
  std::optional<std::string> error;  // of the last failure
};

[[nodiscard]] std::string model_json(const ModelCard& card);
/// {"object":"list","data":[…]}
[[nodiscard]] std::string model_list_json(std::span<const ModelCard> cards);

struct VoiceCard {
  std::string name;
  std::string language;
};
/// {"object":"list","voices":["af_heart",…],"data":[{"id","language"}…],"aliases":{"alloy":"af_alloy",…}}. An alias
/// whose voice is not among them is left out.
[[nodiscard]] std::string voice_list_json(std::span<const VoiceCard> voices);

/// {"status":"ok"|"starting"|…,"pending":[…],"failed":[{"model","error"}…]}
struct ReadinessCard {
  std::string status;
  std::vector<std::string> pending;
  std::vector<std::pair<std::string, std::string>> failed;  // model, why
};
[[nodiscard]] std::string readiness_json(const ReadinessCard& card);

struct StatusCard {
  std::string version;
  ReadinessCard readiness;
  double uptime_seconds = 0;
  std::int64_t requests_running = 0;
  std::int64_t requests_queued = 0;
  std::int64_t memory_budget_bytes = 0;
  std::int64_t memory_committed_bytes = 0;
  std::int64_t memory_resident_bytes = 0;
  int loads_running = 0;
  int loads_queued = 0;
  int loads_at_once = 0;
  std::map<std::string, int> loads_of_group;  // at once: {"language": 2, "media": 2}
  std::string hardware;                       // a JSON object
  int threads = 0;                            // of one inference
  std::vector<ModelCard> models;
};
[[nodiscard]] std::string status_json(const StatusCard& card);

/// Open Inference Protocol v2: {"live":true}, {"ready":true}, {"name":"kokoro","ready":true}.
[[nodiscard]] std::string oip_live_json(bool is_live);
[[nodiscard]] std::string oip_ready_json(bool is_ready);
[[nodiscard]] std::string oip_model_ready_json(std::string_view name, bool is_ready);

/// What /models/load and /models/unload answer.
struct ModelChange {
  std::string model;
  std::string state;
  std::optional<std::int64_t> returned_bytes;  // of an unload
  std::optional<LoadCard> loading{};           // of a load that is under way
};
[[nodiscard]] std::string model_change_json(const ModelChange& change);

}  // namespace hearth::wire
