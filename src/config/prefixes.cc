#include "config/prefixes.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/settings.h"

namespace hearth::config {
namespace {

using base::Code;
using base::fail;
using base::Result;

bool names(const Model& model, const Prefix& prefix) {
  return std::find(model.prefixes.begin(), model.prefixes.end(), prefix.id) != model.prefixes.end();
}

Result<void> check(const Prefix& prefix, const Config& config) {
  const auto bad = [&](std::string_view what, std::string remedy) {
    return fail(Code::kInvalidArgument, fmt::format("the prefix \"{}\" {}", prefix.id.substr(0, 80), what),
                std::move(remedy));
  };
  if (!is_plain_name(prefix.id)) return bad("has no proper id", "use letters, digits, '.', '_' and '-', at most 64");
  const auto same = [&](const Prefix& other) { return other.id == prefix.id; };
  if (std::count_if(config.prefixes.begin(), config.prefixes.end(), same) > 1)
    return bad("is there twice", "give each [[prefix]] entry its own id");
  if (prefix.system.empty() == prefix.file.empty())
    return bad("must have either a text or a file", "give it one of system = \"…\" and file = \"/…\"");
  if (!prefix.file.empty() && prefix.file.front() != '/')
    return bad("is in a file that depends on where Hearth is started", "give its path from the root, beginning with /");
  const auto wants = [&](const Model& model) { return names(model, prefix); };
  if (prefix.model.empty() && std::none_of(config.models.begin(), config.models.end(), wants))
    return bad("belongs to no model", "give it one: model = \"…\"");
  return {};
}

}  // namespace

std::vector<const Prefix*> prefixes_of(const Config& config, std::string_view model) {
  const auto entry = std::find_if(config.models.begin(), config.models.end(),
                                  [&](const Model& candidate) { return candidate.name == model; });
  std::vector<const Prefix*> found;
  for (const Prefix& prefix : config.prefixes) {
    if (prefix.model == model || (entry != config.models.end() && names(*entry, prefix))) found.push_back(&prefix);
  }
  return found;
}

Result<void> check_prefixes(const Config& config) {
  for (const Prefix& prefix : config.prefixes) {
    if (auto ok = check(prefix, config); !ok) return ok;
  }
  return {};
}

}  // namespace hearth::config
