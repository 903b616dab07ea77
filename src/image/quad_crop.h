#pragma once

#include <array>
#include <optional>

#include "image/picture.h"

namespace hearth::image {

/// In pixels; (0, 0) is the corner of the top left pixel's place in the grid, x to the right, y down.
struct Point {
  double x = 0;
  double y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

/// Top left, top right, bottom right, bottom left, as the content is read.
using Quad = std::array<Point, 4>;

/// Cuts `quad` out and straightens it: as wide and high as its longer sides (whole pixels), perspective taken out,
/// bicubic between pixels, edges of the picture repeated. Nothing where the quad has no inside or a side is below one
/// pixel. An upright rectangle is copied.
[[nodiscard]] std::optional<Picture> crop_quad(const Picture& picture, const Quad& quad);

}  // namespace hearth::image
