#pragma once

// POST /v1/ocr: a picture or a document in, its text out.
//
// A request: a place at the gate (I/O thread) → parse and decode the first page (executor), so that a damaged file
// loads no model → lease (registry's strand; no thread waits while the model loads) → read page by page and answer
// (executor). A client that leaves stops the reading at the model's next step.

#include "api/context.h"
#include "engine/document_reader.h"
#include "image/page_source.h"
#include "wire/ocr_response.h"

namespace hearth::api {

void post_ocr(Context& context, const ExchangePtr& exchange, const std::string& parameter);

/// `source` is the page that was read, of a file with `of` pages.
[[nodiscard]] wire::OcrPage to_wire(engine::ReadPage page, const image::SourcePage& source, int of);

}  // namespace hearth::api
