#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "image/page_source.h"
#include "media/child.h"

namespace hearth::media {

/// Starts a child for some pages of one file ("1-3,7-").
using StartPages = std::function<base::Result<std::unique_ptr<Child>>(const MemoryFile& file, const std::string& pages,
                                                                      const std::stop_token& stop)>;

/// Pages that children draw: the first wanted one by a child of its own, which has ended when this returns, so that a
/// request which then waits for a model keeps no program waiting; the others by a second one while they are read, which
/// a pause() ends, and another one goes on from there. `what`: "the PDF", for messages. Errors: as image::OpenOther.
[[nodiscard]] base::Result<std::unique_ptr<image::PageSource>> open_remote_pages(
    const StartPages& start, MemoryFile file, const std::string& what, const image::PageRanges& pages,
    const image::DecodeLimits& limits, const std::stop_token& stop);

}  // namespace hearth::media
