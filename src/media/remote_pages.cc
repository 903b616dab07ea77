#include "media/remote_pages.h"

#include <cmath>
#include <new>
#include <utility>

#include "media/about_file.h"

namespace hearth::media {
namespace {

using base::Code;
using base::fail;
using base::Result;
using image::SourcePage;

Result<int> read_count(Child& child, const std::stop_token& stop) {
  const auto head = child.next(stop);
  if (!head) return fail(head.error());
  if (head->kind != FrameKind::kDocument) return Child::nonsense();
  const auto document = child.read_as<DocumentFrame>(*head, stop);
  if (!document) return fail(document.error());
  if (document->pages < 1) return Child::nonsense();
  return document->pages;
}

Result<SourcePage> read_page(Child& child, int number, const image::DecodeLimits& limits, const std::stop_token& stop) {
  const auto head = child.next(stop);
  if (!head) return fail(head.error());
  PageFrame said;
  if (head->kind != FrameKind::kPage || head->bytes < sizeof said) return Child::nonsense();
  if (auto got = child.read(std::as_writable_bytes(std::span(&said, 1)), stop); !got) return fail(got.error());
  const bool is_sane = said.number == number && said.width > 0 && said.height > 0 && said.width <= limits.side &&
                       said.height <= limits.side &&
                       static_cast<std::int64_t>(said.width) * said.height <= limits.pixels &&
                       std::isfinite(said.dots_per_inch) && said.dots_per_inch >= 0;
  if (!is_sane) return Child::nonsense();
  SourcePage page;
  page.number = number;
  page.dots_per_inch = said.dots_per_inch;
  try {
    page.picture = image::make_picture(said.width, said.height);
  } catch (const std::bad_alloc&) {
    return fail(Code::kExhausted, "there is not enough memory for page " + std::to_string(number));
  }
  if (head->bytes - sizeof said != page.picture.rgb.size()) return Child::nonsense();
  if (auto got = child.read(std::as_writable_bytes(std::span(page.picture.rgb)), stop); !got) return fail(got.error());
  return page;
}

class RemotePages final : public image::PageSource {
 public:
  RemotePages(StartPages start, MemoryFile file, std::string what, const image::DecodeLimits& limits)
      : start_(std::move(start)), file_(std::move(file)), what_(std::move(what)), limits_(limits) {}

  Result<void> open(const image::PageRanges& pages, const std::stop_token& stop) {
    const int first = pages.first();
    auto child = start_(file_, std::to_string(first), stop);
    if (!child) return fail(child.error());
    const auto count = read_count(**child, stop);
    if (!count) return fail(about_file(what_, count.error()));
    auto wanted = pages.within(*count, limits_.pages_at_once);
    if (!wanted) return fail(wanted.error());
    auto page = read_page(**child, first, limits_, stop);
    if (!page) return fail(about_file(what_, page.error()));
    count_ = *count;
    wanted_ = std::move(*wanted);
    number_ = first;
    if (page->picture.rgb.size() > image::kMostHeld) return {};  // is drawn anew when it is read
    first_ = std::move(*page);
    number_ = wanted_.next_after(first);
    return {};
  }

  int count() const override { return count_; }

  Result<std::optional<SourcePage>> next(const std::stop_token& stop) override {
    if (first_) return std::exchange(first_, std::nullopt);
    if (number_ == 0) return std::nullopt;
    auto page = draw(stop);
    if (!page) {
      child_.reset();
      return fail(about_file(what_, page.error()));
    }
    number_ = wanted_.next_after(number_);
    if (number_ == 0) child_.reset();
    return std::optional(std::move(*page));
  }

  void pause() override { child_.reset(); }

 private:
  Result<SourcePage> draw(const std::stop_token& stop) {
    if (!child_) {
      auto child = start_(file_, wanted_.text_after(number_ - 1), stop);
      if (!child) return fail(child.error());
      child_ = std::move(*child);
      const auto count = read_count(*child_, stop);
      if (!count) return fail(count.error());
      if (*count != count_) return Child::nonsense();
    }
    return read_page(*child_, number_, limits_, stop);
  }

  const StartPages start_;
  const MemoryFile file_;
  const std::string what_;
  const image::DecodeLimits limits_;
  int count_ = 1;
  image::PageRanges wanted_;
  std::optional<SourcePage> first_;
  int number_ = 0;                // the next page that is drawn; 0: none
  std::unique_ptr<Child> child_;  // from the second page on, but after a pause()
};

}  // namespace

Result<std::unique_ptr<image::PageSource>> open_remote_pages(const StartPages& start, MemoryFile file,
                                                             const std::string& what, const image::PageRanges& pages,
                                                             const image::DecodeLimits& limits,
                                                             const std::stop_token& stop) {
  auto source = std::make_unique<RemotePages>(start, std::move(file), what, limits);
  if (auto opened = source->open(pages, stop); !opened) return fail(opened.error());
  return source;
}

}  // namespace hearth::media
