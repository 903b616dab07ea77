#include "wire/documents.h"

#include <algorithm>
#include <cmath>

#include "wire/json_out.h"
#include "wire/openai_names.h"

namespace hearth::wire {
namespace {

double rounded(double number, double unit) { return std::round(number / unit) * unit; }

Json to_tree(const ModelCard& card) {
  Json tree = {{"id", card.id}, {"object", "model"}, {"created", card.created}, {"owned_by", "hearth"}};
  tree["kind"] = card.kind;
  tree["aliases"] = card.aliases;
  tree["state"] = card.state;
  tree["warmth"] = card.warmth;
  tree["load"] = card.load;
  tree["pinned"] = card.pinned;
  if (!card.stage.empty()) tree["stage"] = card.stage;
  tree["progress"] = rounded(card.progress, 0.001);
  tree["memory_bytes"] = card.memory_bytes;
  tree["leases"] = card.leases;
  tree["waiting"] = card.waiting;
  tree["loads"] = card.loads;
  tree["failures"] = card.failures;
  if (card.last_load_ms) tree["last_load_ms"] = rounded(*card.last_load_ms, 0.1);
  if (card.error) tree["error"] = *card.error;
  return tree;
}

Json to_tree(std::span<const ModelCard> cards) {
  Json list = Json::array();
  for (const ModelCard& card : cards) list.push_back(to_tree(card));
  return list;
}

Json to_tree(const ReadinessCard& card) {
  Json failed = Json::array();
  for (const auto& [model, why] : card.failed) failed.push_back({{"model", model}, {"error", why}});
  return {{"status", card.status}, {"pending", card.pending}, {"failed", std::move(failed)}};
}

}  // namespace

std::string model_json(const ModelCard& card) { return dump(to_tree(card)); }

std::string model_list_json(std::span<const ModelCard> cards) {
  return dump({{"object", "list"}, {"data", to_tree(cards)}});
}

std::string voice_list_json(std::span<const VoiceCard> voices) {
  Json names = Json::array();
  Json entries = Json::array();
  for (const VoiceCard& voice : voices) {
    names.push_back(voice.name);
    entries.push_back({{"id", voice.name}, {"object", "voice"}, {"language", voice.language}});
  }
  Json aliases = Json::object();
  for (const VoiceAlias& alias : voice_aliases()) {
    const bool is_known =
        std::any_of(voices.begin(), voices.end(), [&](const VoiceCard& v) { return v.name == alias.voice; });
    if (is_known) aliases[std::string(alias.name)] = std::string(alias.voice);
  }
  return dump({{"object", "list"},
               {"voices", std::move(names)},
               {"data", std::move(entries)},
               {"aliases", std::move(aliases)}});
}

std::string readiness_json(const ReadinessCard& card) { return dump(to_tree(card)); }

std::string status_json(const StatusCard& card) {
  Json tree = to_tree(card.readiness);
  tree["version"] = card.version;
  tree["uptime_seconds"] = rounded(card.uptime_seconds, 0.001);
  tree["requests"] = {{"running", card.requests_running}, {"queued", card.requests_queued}};
  tree["memory"] = {{"budget_bytes", card.memory_budget_bytes},
                    {"committed_bytes", card.memory_committed_bytes},
                    {"resident_bytes", card.memory_resident_bytes}};
  tree["loads"] = {{"running", card.loads_running}, {"queued", card.loads_queued}, {"at_once", card.loads_at_once}};
  for (const auto& [group, most] : card.loads_of_group) tree["loads"][group + "_at_once"] = most;
  if (Json hardware = Json::parse(card.hardware, nullptr, false); hardware.is_object())
    tree["hardware"] = std::move(hardware);
  tree["threads"] = card.threads;
  tree["models"] = to_tree(card.models);
  return dump(tree);
}

std::string oip_live_json(bool is_live) { return dump({{"live", is_live}}); }
std::string oip_ready_json(bool is_ready) { return dump({{"ready", is_ready}}); }
std::string oip_model_ready_json(std::string_view name, bool is_ready) {
  return dump({{"name", std::string(name)}, {"ready", is_ready}});
}

std::string model_change_json(const ModelChange& change) {
  Json tree = {{"model", change.model}, {"state", change.state}};
  if (change.loading) tree["loading"] = load_tree(*change.loading);
  if (change.returned_bytes) tree["returned_bytes"] = *change.returned_bytes;
  return dump(tree);
}

}  // namespace hearth::wire
