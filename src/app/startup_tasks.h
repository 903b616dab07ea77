#pragma once

// What a start consists of, read from top to bottom in startup_tasks.cc: the only place that joins startup/ and model/.

#include <vector>

#include "app/engine_table.h"
#include "app/model_observer.h"
#include "model/registry.h"
#include "startup/task.h"

namespace hearth::app {

/// Borrowed; outlives the runner.
struct StartParts {
  Workshop& workshop;
  model::Registry& registry;
  ModelObserver& observer;
  const std::vector<store::ServedModel>& served;
};

[[nodiscard]] std::vector<startup::Task> make_startup_tasks(const StartParts& parts);

}  // namespace hearth::app
