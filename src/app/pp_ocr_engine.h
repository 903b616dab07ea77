#pragma once

// Joins the document reader to the store: three graphs, opened as they were pulled.

#include "app/engine_table.h"

namespace hearth::app {

[[nodiscard]] engine::Load make_pp_ocr_load(const store::ServedModel& model, Workshop& workshop);

}  // namespace hearth::app
