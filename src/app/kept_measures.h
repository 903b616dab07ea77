#pragma once

// What models were measured to take, kept from start to start, so that admission and load caps need no estimate for a
// model that was here before. A hint: missing or damaged, the estimates are used again.

#include <filesystem>

#include "base/result.h"
#include "model/budget.h"
#include "model/catalog.h"

namespace hearth::app {

/// `<state folder>/models.memory`.
[[nodiscard]] std::filesystem::path measures_path(const std::filesystem::path& state_folder);
/// Of the models of `catalog`, at most four times their files; never fails. All of them give way to a measure of this
/// start (MeasureKind::kShared).
[[nodiscard]] model::Measures load_measures(const std::filesystem::path& path, const model::Catalog& catalog);
/// Writes `measures` and what was kept of other models before. Atomic, and syncs: in the background.
[[nodiscard]] base::Result<void> save_measures(const std::filesystem::path& path, const model::Measures& measures);

}  // namespace hearth::app
