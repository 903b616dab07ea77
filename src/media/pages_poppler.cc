// The PDF part of hearth-media: poppler draws one page after the other; the next one is drawn while the server reads
// the one before, and no more than that, because the pipe is full.

#include <poppler/cpp/poppler-document.h>
#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-image.h>
#include <poppler/cpp/poppler-page-renderer.h>
#include <poppler/cpp/poppler-page.h>
#include <poppler/cpp/poppler-version.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "media/module.h"

namespace hearth::media {
namespace {

constexpr double kPointsPerInch = 72;
constexpr double kLeastDots = 36;         // per inch: below, no letter of a usual size can be read
constexpr unsigned kSecondsPerPage = 30;  // of processor time

class Drawing {
 public:
  Drawing(const poppler::document& document, const Order& order, FrameWriter& out)
      : document_(document), order_(order), out_(out) {
    renderer_.set_image_format(poppler::image::format_rgb24);
    renderer_.set_render_hint(poppler::page_renderer::antialiasing);
    renderer_.set_render_hint(poppler::page_renderer::text_antialiasing);
  }

  void draw(int number) {
    allow_seconds(kSecondsPerPage);
    const std::unique_ptr<poppler::page> page(document_.create_page(number - 1));
    const std::string name = "page " + std::to_string(number);
    if (!page) out_.fail(Fault::kBadFile, name + " is damaged");
    const double dots = choose_dots(page->page_rect(), name);
    const poppler::image image = renderer_.render_page(page.get(), dots, dots);
    const bool is_whole = image.is_valid() && image.format() == poppler::image::format_rgb24 && image.width() > 0 &&
                          image.height() > 0 && image.width() <= order_.most_side && image.height() <= order_.most_side;
    if (!is_whole) out_.fail(Fault::kBadFile, name + " cannot be drawn");
    write(image, number, dots);
  }

 private:
  /// Fewer than were asked for where the page is large.
  double choose_dots(const poppler::rectf& box, const std::string& name) {
    const double width = std::fabs(box.width()) / kPointsPerInch;
    const double height = std::fabs(box.height()) / kPointsPerInch;
    const bool has_size = std::isfinite(width) && std::isfinite(height) && width > 0 && height > 0;
    if (!has_size) out_.fail(Fault::kBadFile, name + " has no size");
    double dots = order_.dots_per_inch;
    dots = std::min(dots, std::sqrt(static_cast<double>(order_.most_pixels) / (width * height)));
    dots = std::min(dots, (order_.most_side - 1) / std::max(width, height));
    if (dots < std::min(kLeastDots, order_.dots_per_inch)) {
      out_.fail(
          Fault::kBadFile, name + " is " + metres(width) + " × " + metres(height) + " large",
          "send pages on which text can be read at " + std::to_string(std::lround(kLeastDots)) + " dots per inch");
    }
    return dots;
  }

  static std::string metres(double inches) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g m", inches * 0.0254);
    return text.data();
  }

  void write(const poppler::image& image, int number, double dots) {
    const PageFrame head{number, image.width(), image.height(), static_cast<float>(dots)};
    const std::size_t row = static_cast<std::size_t>(image.width()) * 3;
    const auto stride = static_cast<std::size_t>(image.bytes_per_row());
    const auto* from = reinterpret_cast<const std::byte*>(image.const_data());
    if (stride == row) {
      return out_.write(FrameKind::kPage, bytes_of(head), {from, row * static_cast<std::size_t>(image.height())});
    }
    std::vector<std::byte> rows(row * static_cast<std::size_t>(image.height()));
    for (std::size_t y = 0; y < static_cast<std::size_t>(image.height()); ++y) {
      std::copy_n(from + y * stride, row, rows.data() + y * row);
    }
    out_.write(FrameKind::kPage, bytes_of(head), rows);
  }

  const poppler::document& document_;
  const Order& order_;
  FrameWriter& out_;
  poppler::page_renderer renderer_;
};

std::string prepare() {
  poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
  return "poppler " + poppler::version_string();
}

void run(std::span<const std::byte> file, const Order& order, FrameWriter& out) {
  if (file.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    out.fail(Fault::kBadFile, "it is larger than 2 GiB");
  }
  const std::unique_ptr<poppler::document> document(
      poppler::document::load_from_raw_data(reinterpret_cast<const char*>(file.data()), static_cast<int>(file.size())));
  if (!document) out.fail(Fault::kBadFile, "it is damaged: it cannot be opened");
  if (document->is_locked()) out.fail(Fault::kBadFile, "it is locked by a password", "send it without one");
  const DocumentFrame head{document->pages()};
  if (head.pages < 1) out.fail(Fault::kBadFile, "it has no pages");
  out.write(FrameKind::kDocument, bytes_of(head));
  Drawing drawing(*document, order, out);
  for (const PageSpan& span : order.pages) {
    for (int number = span.first; number <= std::min(span.last, head.pages); ++number) drawing.draw(number);
  }
}

}  // namespace
}  // namespace hearth::media

extern "C" const hearth::media::Module hearth_media_module{hearth::media::prepare, hearth::media::run};
