#pragma once

// POST /v1/ocr: a picture or a document in, its text out.
//
// A request, file by file: a place at the gate (I/O thread) → parse (executor) → decode the first page (read executor),
// so that a damaged file loads no model → lease, once (registry's strand; no thread waits while the model loads) → read
// one page (read executor), and post itself there again for the next, so that who came meanwhile has a turn → answer.
// What another program has to draw (a PDF, an uncommon picture) lives on the page executor instead: a thread there
// takes one page after the other from the program and has each read by the read executor, for some pages; then it
// pauses the program and posts itself again. So the read executor alone bounds how many pages are recognised at once,
// and no document keeps another waiting for longer than some of its pages. A client that leaves stops the reading at
// the model's next step, and a request that waits at once.

#include <stop_token>
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

/// All that is left of `source`, on the calling thread and without a pause: for who has the machine to himself.
/// kCancelled soon after `stop`.
[[nodiscard]] tl::expected<std::vector<wire::OcrPage>, ReadFailure> read_pages(image::PageSource& source,
                                                                               engine::DocumentReader& reader,
                                                                               double least_score,
                                                                               const std::stop_token& stop);

}  // namespace hearth::api
