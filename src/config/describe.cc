#include "config/describe.h"

namespace hearth::config {
namespace {

template <typename Target>
void add_set_keys(const Resolved& resolved, const std::string& prefix, const Target& target,
                  std::span<const Key<Target>> keys, std::vector<Shown>& out) {
  for (const Key<Target>& key : keys) {
    const std::string name = prefix + std::string(key.name);
    const auto origin = resolved.origins.find(name);
    if (origin == resolved.origins.end()) continue;
    out.push_back({name, key.show(target), key.shape, origin->second.text()});
  }
}

}  // namespace

std::vector<Shown> describe(const Resolved& resolved) {
  std::vector<Shown> out;
  for (const Setting& setting : settings()) {
    Shown shown{std::string(setting.name), setting.show(resolved.config), setting.shape,
                resolved.origin(setting.name).text()};
    if (setting.secret) {
      const std::size_t count = split_list(shown.value).size();
      shown.value = count == 0 ? "" : "(" + std::to_string(count) + " hidden)";
      shown.shape = Shape::kText;
    }
    out.push_back(std::move(shown));
  }
  for (const Model& model : resolved.config.models) {
    const std::string prefix = "models." + model.name + ".";
    add_set_keys(resolved, prefix, model, model_keys(), out);
    for (const OwnFile& file : model.files) {
      add_set_keys(resolved, prefix + "files." + file.name + ".", file, file_keys(), out);
    }
  }
  for (const Prefix& prefix : resolved.config.prefixes) {
    add_set_keys(resolved, "prefix." + prefix.id + ".", prefix, prefix_keys(), out);
  }
  return out;
}

}  // namespace hearth::config
