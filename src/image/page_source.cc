#include "image/page_source.h"

#include <string>
#include <utility>

namespace hearth::image {
namespace {

using base::Code;
using base::fail;
using base::Result;

/// What this room decodes.
class DecodedPages final : public PageSource {
 public:
  DecodedPages(std::string_view bytes, PageRanges pages, const DecodeLimits& limits, int count,
               std::optional<Picture> first)
      : bytes_(bytes),
        pages_(std::move(pages)),
        limits_(limits),
        count_(count),
        number_(pages_.first()),
        first_(std::move(first)) {}

  int count() const override { return count_; }

  Result<std::optional<SourcePage>> next(const std::stop_token& stop) override {
    if (stop.stop_requested()) return fail(Code::kCancelled, "the reader has gone");
    if (number_ == 0) return std::nullopt;
    SourcePage page;
    page.number = std::exchange(number_, pages_.next_after(number_));
    if (first_) {
      page.picture = std::move(*std::exchange(first_, std::nullopt));
      return page;
    }
    auto picture = decode_page(bytes_, page.number - 1, limits_);
    if (!picture) return fail(picture.error());
    page.picture = std::move(*picture);
    return page;
  }

 private:
  const std::string_view bytes_;
  const PageRanges pages_;
  const DecodeLimits limits_;
  const int count_;
  int number_;  // the next one; 0: none
  std::optional<Picture> first_;
};

Result<std::unique_ptr<PageSource>> decode_here(std::string_view bytes, const PageRanges& pages,
                                                const DecodeLimits& limits) {
  const auto count = count_pages(bytes, limits);
  if (!count) return fail(count.error());
  auto wanted = pages.within(*count, limits.pages_at_once);
  if (!wanted) return fail(wanted.error());
  auto first = decode_page(bytes, wanted->first() - 1, limits);
  if (!first) return fail(first.error());
  std::optional<Picture> held;
  if (first->rgb.size() <= kMostHeld) held = std::move(*first);
  return std::make_unique<DecodedPages>(bytes, std::move(*wanted), limits, *count, std::move(held));
}

}  // namespace

Result<std::unique_ptr<PageSource>> open_pages(std::string_view bytes, const PageRanges& pages,
                                               const DecodeLimits& limits, const OpenOther& other,
                                               const std::stop_token& stop) {
  if (bytes.empty()) return fail(Code::kInvalidArgument, "the picture is empty");
  const Format format = sniff(bytes);
  if (format != Format::kPdf && format != Format::kUnknown) return decode_here(bytes, pages, limits);
  if (!other) return decode_here(bytes, pages, limits);  // says why not
  auto source = other(bytes, pages, limits, stop);
  const bool nobody_can = !source && source.error().code == Code::kUnsupported && format == Format::kUnknown;
  if (nobody_can) return decode_here(bytes, pages, limits);
  if (!source && format == Format::kUnknown && source.error().remedy.empty()) {
    source.error().remedy = "send PDF, " + std::string(kFormatList);
  }
  return source;
}

}  // namespace hearth::image
