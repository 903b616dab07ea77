#pragma once

#include <vector>

#include "app/engine_table.h"
#include "base/result.h"
#include "model/catalog.h"
#include "startup/plan.h"
#include "store/served_models.h"

namespace hearth::app {

/// The registry's view of what is served: each model with its key, the bytes of its files, and how its engine
/// opens it. `last` are earlier starts' durations by task, and so by model. kInvalidArgument when two models clash by
/// name.
[[nodiscard]] base::Result<model::Catalog> make_catalog(const std::vector<store::ServedModel>& served,
                                                        Workshop& workshop, const startup::Durations& last);

}  // namespace hearth::app
