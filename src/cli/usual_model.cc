#include "cli/usual_model.h"

#include <utility>

#include "app/engine_table.h"
#include "store/manifest.h"

namespace hearth::cli {

std::string first_of_kind(std::span<const store::ServedModel> served, config::ModelKind kind) {
  const bool prefers_default_set = kind == config::ModelKind::kTts || kind == config::ModelKind::kStt;
  const auto rank = [&](const store::ServedModel& one) {
    return std::pair(static_cast<int>(one.config.load), prefers_default_set && !one.spec.in_default_set ? 1 : 0);
  };
  const store::ServedModel* best = nullptr;
  for (const store::ServedModel& one : served) {
    if (one.spec.kind == kind && (best == nullptr || rank(one) < rank(*best))) best = &one;
  }
  return best == nullptr ? std::string() : best->spec.name;
}

std::string usual_model(const config::Loaded& loaded, config::ModelKind kind) {
  if (const auto served = app::served_models(loaded)) {
    if (std::string first = first_of_kind(*served, kind); !first.empty()) return first;
  }
  for (std::string& name : store::default_set()) {
    if (const auto spec = store::find_builtin(name); spec && spec->kind == kind) return std::move(name);
  }
  return {};
}

}  // namespace hearth::cli
