#pragma once

// A file's pages as pictures, one after the other, so that never more than one or two are in memory. What is decoded
// here (decode.h) and what another program draws (a PDF) look the same to who reads them.

#include <cstddef>
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

/// Bytes of a first page that is kept for who waits to read it: 22 million pixels.
inline constexpr std::size_t kMostHeld = 64 << 20;

/// One thread at a time. Any thread may go on with it.
class PageSource {
 public:
  virtual ~PageSource() = default;
  /// Pages of the whole file; at least 1.
  [[nodiscard]] virtual int count() const = 0;
  /// The next of the pages that were asked for; nothing: there are no more. Errors as decode_page, kCancelled soon
  /// after `stop`. May block for as long as a page is drawn. From the second page on a source that another program
  /// draws keeps that program between two calls, and with it one of the places that others wait for.
  [[nodiscard]] virtual base::Result<std::optional<SourcePage>> next(const std::stop_token& stop) = 0;
  /// Lets go of what others may wait for, until the next call of next(), which then takes a while longer. Who goes on
  /// with a source from a queue pauses it first: those before it in the queue may be waiting for its place. A source
  /// that was just opened holds nothing, and one that was read to its end neither.
  virtual void pause() {}
};

/// Opens what decode_page does not know, or answers why not (kUnsupported: this build or machine cannot). Has looked at
/// the first of the pages, and keeps no more of it than kMostHeld. `bytes` outlive the source.
using OpenOther = std::function<base::Result<std::unique_ptr<PageSource>>(
    std::string_view bytes, const PageRanges& pages, const DecodeLimits& limits, const std::stop_token& stop)>;

/// Pages of any file. The first is decoded before this returns, so that a bad file is refused here; a large one is let
/// go again and decoded anew by next(), so that a source that waits holds 64 MiB at most. `other` may be empty. Errors:
/// as decode_page, and those of PageRanges::within.
[[nodiscard]] base::Result<std::unique_ptr<PageSource>> open_pages(std::string_view bytes, const PageRanges& pages,
                                                                   const DecodeLimits& limits, const OpenOther& other,
                                                                   const std::stop_token& stop);

}  // namespace hearth::image
