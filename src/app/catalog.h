#pragma once

#include <vector>

#include "app/engine_table.h"
#include "base/result.h"
#include "model/catalog.h"
#include "store/served_models.h"

namespace hearth::app {

/// The registry's view of what is served: each model with its key, its measured-to-be bytes, and how its engine opens
/// it. kInvalidArgument when two models clash by name.
[[nodiscard]] base::Result<model::Catalog> make_catalog(const std::vector<store::ServedModel>& served,
                                                        Workshop& workshop);

}  // namespace hearth::app
