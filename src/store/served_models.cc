#include "store/served_models.h"

#include <algorithm>
#include <optional>

#include "store/local_model.h"

namespace hearth::store {
namespace {

using base::Code;
using base::fail;
using base::Result;

const config::Model* configured(const config::Config& config, std::string_view name) {
  for (const config::Model& model : config.models) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

config::Model entry_for(const config::Config& config, const std::string& name, config::Load load) {
  const config::Model* found = configured(config, name);
  config::Model entry = found != nullptr ? *found : config::Model{};
  entry.name = name;
  entry.load = load;
  return entry;
}

}  // namespace

Result<std::vector<ServedModel>> served_models(const config::Config& config, const config::Folders& folders,
                                               RunsEngine runs) {
  std::vector<ServedModel> served;
  const auto is_served = [&](std::string_view name) {
    return std::any_of(served.begin(), served.end(), [&](const ServedModel& one) { return one.config.name == name; });
  };
  const auto add_wanted = [&](config::Model entry) -> Result<void> {
    auto spec = find_model(config, entry.name);
    if (!spec) return fail(spec.error());
    if (!runs(spec->engine)) {
      return fail(Code::kUnsupported,
                  "the model " + entry.name + " needs the engine \"" + spec->engine + "\", which this build has not",
                  "leave it out");
    }
    served.push_back({std::move(entry), std::move(*spec)});
    return {};
  };

  for (const std::string& name : config.server.models) {
    if (is_served(name)) continue;
    if (auto ok = add_wanted(entry_for(config, name, config::Load::kRequired)); !ok) return fail(ok.error());
  }
  const bool narrowed = !config.server.models.empty();
  for (const config::Model& model : config.models) {
    if (is_served(model.name)) continue;
    config::Model entry = model;
    if (narrowed) entry.load = config::Load::kOnDemand;
    if (auto ok = add_wanted(std::move(entry)); !ok) return fail(ok.error());
  }
  for (const std::string_view name : builtin_names()) {
    auto spec = find_builtin(name);
    if (!spec || is_served(name) || !runs(spec->engine) || !find_local(*spec, folders)) continue;
    const bool preload = !narrowed && config.models.empty() && spec->in_default_set;
    const config::Load load = preload ? config::Load::kPreload : config::Load::kOnDemand;
    served.push_back({entry_for(config, std::string(name), load), std::move(*spec)});
  }
  const auto rank = [](const ServedModel& one) { return static_cast<int>(one.config.load); };
  std::stable_sort(served.begin(), served.end(),
                   [&](const ServedModel& a, const ServedModel& b) { return rank(a) < rank(b); });
  return served;
}

}  // namespace hearth::store
