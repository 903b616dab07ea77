#pragma once

// A file's pages as pictures, one after the other, so that never more than one or two are in memory. What is decoded
// here (decode.h) and what another program draws (a PDF) look the same to who reads them.

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/result.h"
#include "image/decode.h"
#include "image/page_ranges.h"
#include "image/picture.h"

namespace hearth::image {

struct SourcePage {
  int number = 1;  // in the file, from 1
  Picture picture;
  double dots_per_inch = 0;  // 0: not known
};

/// One thread at a time.
class PageSource {
 public:
  virtual ~PageSource() = default;
  /// Pages of the whole file; at least 1.
  [[nodiscard]] virtual int count() const = 0;
  /// The next of the pages that were asked for; nothing: there are no more. Errors as decode_page, kCancelled soon
  /// after `stop`. Holds nothing between two calls that others may wait for, except memory.
  [[nodiscard]] virtual base::Result<std::optional<SourcePage>> next(const std::stop_token& stop) = 0;
};

/// Opens what decode_page does not know, or answers why not (kUnsupported: this build or machine cannot). Has looked at
/// the first of the pages. `bytes` outlive the source.
using OpenOther = std::function<base::Result<std::unique_ptr<PageSource>>(
    std::string_view bytes, const PageRanges& pages, const DecodeLimits& limits, const std::stop_token& stop)>;

/// Pages of any file. The first is decoded before this returns, so that a bad file is refused here; a large one is let
/// go again and decoded anew by next(), so that a source that waits holds 64 MiB at most. `other` may be empty. Errors:
/// as decode_page, and those of PageRanges::within.
[[nodiscard]] base::Result<std::unique_ptr<PageSource>> open_pages(std::string_view bytes, const PageRanges& pages,
                                                                   const DecodeLimits& limits, const OpenOther& other,
                                                                   const std::stop_token& stop);

}  // namespace hearth::image
