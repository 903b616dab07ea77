#include "engines/onnx/pp_ocr.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/document_reader.h"
#include "engines/onnx/pp_ocr_layout.h"
#include "engines/onnx/pp_ocr_model.h"
#include "image/resize.h"

namespace hearth::engines::onnx {
namespace {

using base::Code;
using base::fail;
using base::Result;
using image::Picture;
using image::Quad;

constexpr double kUprightShape = 1.5;  // a box that is this much higher than wide holds a line that runs downwards

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t") == std::string_view::npos; }

/// A page at the size at which it is looked at, and the way back.
struct WorkingPage {
  Picture picture;
  double scale_x = 1;  // from working pixels to page pixels
  double scale_y = 1;
  int padding = 0;  // rows above
};

WorkingPage make_working_page(const Picture& page, PictureSize size) {
  WorkingPage work{image::resize(page, size.width, size.height), static_cast<double>(page.width) / size.width,
                   static_cast<double>(page.height) / size.height, padding_rows(size)};
  if (work.padding > 0) work.picture = image::pad_rows(work.picture, work.padding);
  return work;
}

Quad to_page(const Quad& box, const WorkingPage& work, const Picture& page) {
  Quad corners = box;
  for (image::Point& corner : corners) {
    corner.x = std::clamp(corner.x * work.scale_x, 0.0, static_cast<double>(page.width));
    corner.y = std::clamp((corner.y - work.padding) * work.scale_y, 0.0, static_cast<double>(page.height));
  }
  return corners;
}

/// No two pages are of one size, so what one leaves in the heap fits the next badly: without this 200 pages of all
/// sizes kept 150 MB more than the first fifty. Takes a millisecond or two of a page's hundreds.
void return_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

class PpOcr final : public engine::Engine, public engine::DocumentReader {
 public:
  explicit PpOcr(std::unique_ptr<const PpOcrModel> model) : model_(std::move(model)) {}

  engine::DocumentReader* document_reader() override { return this; }

  Result<void> warm_up(std::stop_token stop) override {
    Picture line = image::make_picture(320, kLineHeight);
    std::fill(line.rgb.begin(), line.rgb.end(), std::uint8_t{255});
    if (auto found = model_->detect(line, stop); !found) return fail(found.error());
    if (auto turned = model_->find_turned({&line, 1}, stop); !turned) return fail(turned.error());
    if (auto said = model_->recognise({&line, 1}, stop); !said) return fail(said.error());
    return {};
  }

  Result<engine::ReadPage> read(const Picture& page, const engine::ReadOptions& options,
                                std::stop_token stop) override {
    if (page.width < 1 || page.height < 1) return fail(Code::kInvalidArgument, "the picture has no pixels");
    if (!(options.least_score >= 0 && options.least_score <= 1)) {
      return fail(Code::kInvalidArgument, "the least score is from 0 to 1");
    }
    auto read = read_page(page, options, stop);
    return_memory();
    return read;
  }

 private:
  [[nodiscard]] Result<engine::ReadPage> read_page(const Picture& page, const engine::ReadOptions& options,
                                                   const std::stop_token& stop) const {
    engine::ReadPage read{page.width, page.height, {}, {}};
    const PictureSize size = working_size({page.width, page.height});
    if (size.width == 0) return read;
    const WorkingPage work = make_working_page(page, size);
    auto boxes = model_->detect(work.picture, stop);
    if (!boxes) return fail(boxes.error());
    std::vector<Picture> lines = cut_lines(work.picture, *boxes);
    if (auto upright = turn_upright(lines, stop); !upright) return fail(upright.error());
    auto said = model_->recognise(lines, stop);
    if (!said) return fail(said.error());
    for (std::size_t i = 0; i < said->size(); ++i) {
      SpelledLine& line = (*said)[i];
      if (line.score < options.least_score || is_blank(line.text)) continue;
      read.lines.push_back({std::move(line.text), line.score, to_page((*boxes)[i], work, page)});
    }
    return read;
  }

  /// One picture a box; a box without an inside goes.
  static std::vector<Picture> cut_lines(const Picture& page, std::vector<Quad>& boxes) {
    std::vector<Picture> lines;
    std::erase_if(boxes, [&](const Quad& box) {
      auto line = image::crop_quad(page, box);
      if (!line) return true;
      const bool runs_down = line->height >= kUprightShape * line->width;
      lines.push_back(runs_down ? image::turn_left(*line) : std::move(*line));
      return false;
    });
    return lines;
  }

  [[nodiscard]] Result<void> turn_upright(std::vector<Picture>& lines, const std::stop_token& stop) const {
    const auto turned = model_->find_turned(lines, stop);
    if (!turned) return fail(turned.error());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if ((*turned)[i]) lines[i] = image::turn_180(lines[i]);
    }
    return {};
  }

  const std::unique_ptr<const PpOcrModel> model_;
};

}  // namespace

Result<std::unique_ptr<engine::Engine>> open_pp_ocr(const std::shared_ptr<const OrtLibrary>& library,
                                                    const PpOcrFiles& files, const engine::LoadProgress& progress,
                                                    const std::stop_token& stop) {
  auto model = PpOcrModel::open(library, files, progress, stop);
  if (!model) return fail(model.error());
  return std::make_unique<PpOcr>(std::move(*model));
}

}  // namespace hearth::engines::onnx
