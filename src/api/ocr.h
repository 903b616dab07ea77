#pragma once

// POST /v1/ocr: a picture or a document in, its text out.
//
// A request: a place at the gate (I/O thread) → parse and decode the first page (executor), so that a damaged file
// loads no model → lease (registry's strand; no thread waits while the model loads) → read page by page and answer
// (executor). What another program has to draw (a PDF) and batches of files go by the file executor instead, from the
// first page to the last. A client that leaves stops the reading at the model's next step.

#include <cstdint>
#include <vector>

#include "api/context.h"
#include "engine/document_reader.h"
#include "image/page_source.h"
#include "wire/ocr_response.h"

namespace hearth::api {

void post_ocr(Context& context, const ExchangePtr& exchange, const std::string& parameter);

/// Why a document was not read to its end.
struct ReadFailure {
  enum class From { kFile, kReader };  // whose fault: what was sent, or the model
  From from;
  base::Error error;
};

/// What is left of `source`, at most `most` pages of it (kInvalidArgument beyond). kCancelled soon after `stop`.
[[nodiscard]] tl::expected<std::vector<wire::OcrPage>, ReadFailure> read_pages(image::PageSource& source,
                                                                               engine::DocumentReader& reader,
                                                                               double least_score,
                                                                               const std::stop_token& stop,
                                                                               std::size_t most = SIZE_MAX);

}  // namespace hearth::api
