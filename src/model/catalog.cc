#include "model/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hearth::model {
namespace {

void merge(ModelSpec& into, const ModelSpec& from) {
  into.aliases.push_back(from.name);
  into.aliases.insert(into.aliases.end(), from.aliases.begin(), from.aliases.end());
  into.mode = std::min(into.mode, from.mode);
  into.warm_up = std::max(into.warm_up, from.warm_up);
  into.pinned = into.pinned || from.pinned;
  into.ttl = into.ttl && from.ttl ? std::optional{std::max(*into.ttl, *from.ttl)} : std::nullopt;
}

}  // namespace

std::string_view load_mode_name(LoadMode mode) {
  switch (mode) {
    case LoadMode::kRequired:
      return "required";
    case LoadMode::kPreload:
      return "preload";
    case LoadMode::kOnDemand:
      return "on_demand";
  }
  return "unknown";
}

base::Result<Catalog> Catalog::make(std::vector<ModelSpec> specs) {
  Catalog catalog;
  std::map<ModelKey, std::size_t> keys;
  for (ModelSpec& spec : specs) {
    if (spec.name.empty()) return base::fail(base::Code::kInvalidArgument, "a model without a name");
    if (!spec.load)
      return base::fail(base::Code::kInvalidArgument, fmt::format("model {}: no way to load it", spec.name));
    if (spec.group.empty()) spec.group = spec.kind;
    const auto [entry, is_new] = keys.try_emplace(spec.key, catalog.specs_.size());
    std::vector<ModelName> names = spec.aliases;
    names.push_back(spec.name);
    for (const ModelName& name : names) {
      const auto [known, fresh] = catalog.names_.try_emplace(name, entry->second);
      if (!fresh && known->second != entry->second) {
        return base::fail(base::Code::kInvalidArgument,
                          fmt::format("the name {} stands for two different models", name),
                          "rename one of them in the configuration");
      }
    }
    if (is_new) {
      catalog.specs_.push_back(std::move(spec));
    } else {
      merge(catalog.specs_[entry->second], spec);
    }
  }
  for (ModelSpec& spec : catalog.specs_) {
    std::sort(spec.aliases.begin(), spec.aliases.end());
    spec.aliases.erase(std::unique(spec.aliases.begin(), spec.aliases.end()), spec.aliases.end());
    std::erase(spec.aliases, spec.name);
  }
  return catalog;
}

}  // namespace hearth::model
