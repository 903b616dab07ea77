#pragma once

// POST /v1/ocr: a picture in, its text out.
//
// A request: a place at the gate (I/O thread) → parse and decode the first page (executor), so that a damaged file
// loads no model → lease (registry's strand; no thread waits while the model loads) → read page by page and answer
// (executor). A client that leaves stops the reading at the model's next step.

#include "api/context.h"
#include "engine/document_reader.h"
#include "wire/ocr_response.h"

namespace hearth::api {

void post_ocr(Context& context, const ExchangePtr& exchange, const std::string& parameter);

[[nodiscard]] wire::OcrPage to_wire(engine::ReadPage page);

}  // namespace hearth::api
