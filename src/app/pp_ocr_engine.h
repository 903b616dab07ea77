#pragma once

// Joins the document reader to the store: three graphs, opened as they were pulled.

#include "app/engine_table.h"

namespace hearth::app {

[[nodiscard]] Opened load_pp_ocr(const Loading& loading);

}  // namespace hearth::app
