#include "app/catalog.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "app/own_files.h"
#include "config/prefixes.h"
#include "wire/openai_names.h"

namespace hearth::app {
namespace {

model::LoadMode mode_of(config::Load load) {
  switch (load) {
    case config::Load::kRequired:
      return model::LoadMode::kRequired;
    case config::Load::kPreload:
      return model::LoadMode::kPreload;
    case config::Load::kOnDemand:
      break;
  }
  return model::LoadMode::kOnDemand;
}

/// Speech is warmed unless told otherwise: its first inference is the one that a listener waits for.
model::WarmUp warm_up_of(const config::Model& model, config::ModelKind kind, const config::WarmupDefaults& defaults) {
  const config::Warmup stage =
      model.warmup.value_or(kind == config::ModelKind::kTts ? config::Warmup::kMinimal : config::Warmup::kNone);
  if (!defaults.enabled || stage == config::Warmup::kNone) return model::WarmUp::kNone;
  return model.warmup_before_ready.value_or(defaults.before_ready) ? model::WarmUp::kBeforeReady
                                                                   : model::WarmUp::kAfterReady;
}

/// Names that OpenAI's clients use for what models of this kind do.
std::span<const std::string_view> aliases_of(config::ModelKind kind) {
  if (kind == config::ModelKind::kTts) return wire::kSpeechModelAliases;
  if (kind == config::ModelKind::kStt) return wire::kTranscriptionModelAliases;
  return {};
}

/// The one of its kind that answers to those names: what loads first, and of equals one of the default set.
bool has_aliases(const store::ServedModel& model, const std::vector<store::ServedModel>& served) {
  const auto rank = [](const store::ServedModel& one) {
    return std::pair(static_cast<int>(one.config.load), one.spec.in_default_set ? 0 : 1);
  };
  const store::ServedModel* best = nullptr;
  for (const store::ServedModel& one : served) {
    if (one.spec.kind == model.spec.kind && (best == nullptr || rank(one) < rank(*best))) best = &one;
  }
  return best == &model;
}

/// Two names for the same bytes and options are one instance.
model::ModelKey key_of(const store::ServedModel& served, const EngineEntry& engine, const config::Config& config) {
  std::map<std::string, std::string> files;
  for (const store::FileSpec& file : served.spec.files) files.emplace(file.name, file.sha256);
  if (!served.spec.path.empty()) files.emplace("path", served.spec.path);
  const config::Model& set = served.config;
  std::string prefixes;
  for (const config::Prefix* prefix : config::prefixes_of(config, served.spec.name)) prefixes += prefix->id + ' ';
  return model::ModelKey::make(engine.engine, files,
                               {{"threads", std::to_string(set.threads)},
                                {"ctx", std::to_string(set.ctx)},
                                {"slots", std::to_string(set.slots)},
                                {"projector", set.projector},
                                {"prompt", set.prompt},
                                {"prompt_cache", std::to_string(set.prompt_cache.count)},
                                {"prefixes", prefixes}});
}

/// What requests look for: a language model that is to read documents answers no chat by default.
std::string kind_of(const store::ServedModel& served, const EngineEntry& engine) {
  return served.spec.kind == config::ModelKind::kOcr ? "document" : std::string(engine.kind);
}

}  // namespace

base::Result<model::Catalog> make_catalog(const std::vector<store::ServedModel>& served, Workshop& workshop,
                                          const startup::Durations& last) {
  std::vector<model::ModelSpec> specs;
  for (const store::ServedModel& one : served) {
    const EngineEntry* engine = find_engine(one.spec.engine);
    if (engine == nullptr) continue;
    if (engine->check != nullptr) {
      if (auto right = engine->check(workshop.loaded()); !right) return base::fail(right.error());
    }
    model::ModelSpec spec{
        .name = one.spec.name, .kind = kind_of(one, *engine), .key = key_of(one, *engine, workshop.loaded().config())};
    spec.group = load_group_name(engine->group);
    if (has_aliases(one, served)) {
      for (const std::string_view alias : aliases_of(one.spec.kind)) {
        // A model that was given this very name answers to it.
        const auto has_name = [&](const store::ServedModel& other) { return other.spec.name == alias; };
        if (std::ranges::none_of(served, has_name)) spec.aliases.emplace_back(alias);
      }
    }
    spec.file_bytes = bytes_of_files(one);
    spec.mode = mode_of(one.config.load);
    spec.pinned = one.config.pinned;
    if (one.config.ttl.count() > 0) spec.ttl = one.config.ttl;
    spec.warm_up = warm_up_of(one.config, one.spec.kind, workshop.loaded().config().warmup);
    if (const auto took = last.find(spec.name); took != last.end()) spec.expected_load = took->second;
    spec.load = make_verified_load(*engine, one, workshop);
    specs.push_back(std::move(spec));
  }
  return model::Catalog::make(std::move(specs));
}

}  // namespace hearth::app
