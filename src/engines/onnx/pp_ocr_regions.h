#pragma once

// From the detector's map of probabilities to boxes around lines of text, in reading order. Pure. The steps and their
// constants are those of DB, "Real-time Scene Text Detection with Differentiable Binarization" (Liao et al., 2020), as
// PaddleOCR and RapidOCR run it: threshold, thicken, trace outlines, smallest rectangle, mean probability, grow.

#include <cstdint>
#include <span>
#include <vector>

#include "image/quad_crop.h"

namespace hearth::engines::onnx {

struct IntPoint {
  int x = 0;
  int y = 0;
  friend bool operator==(const IntPoint&, const IntPoint&) = default;
};

/// The rectangle of least area around some points, turned as it needs.
struct TurnedRectangle {
  image::Quad corners;  // as ordered by order_corners()
  double shorter_side = 0;
};

/// A map of width × height values, row after row.
struct ProbabilityMap {
  std::span<const float> values;
  int width = 0;
  int height = 0;
};

struct RegionSettings {
  float pixel_threshold = 0.3F;
  double box_threshold = 0.5;  // mean probability inside
  double growth = 1.6;         // area × growth / perimeter is how far a box grows: maps show shrunken text
  int max_outlines = 1'000;    // of a page; what a page of noise costs
};

/// One page's boxes in page pixels (whole numbers): corners clockwise from the top left, clipped to the page,
/// from the top to the bottom and from the left to the right in a row.
[[nodiscard]] std::vector<image::Quad> find_regions(const ProbabilityMap& map, int page_width, int page_height,
                                                    const RegionSettings& settings = {});

// Its steps, for the tests.

/// 1 where the probability is above the threshold, thickened by one pixel to the right and down.
[[nodiscard]] std::vector<std::uint8_t> make_mask(const ProbabilityMap& map, float threshold);
/// Turning points of the border of each 8-connected patch, and of each hole in one, at most `limit` of them.
[[nodiscard]] std::vector<std::vector<IntPoint>> trace_outlines(std::span<const std::uint8_t> mask, int width,
                                                                int height, int limit);
/// Any number of points but none, in their order around the shape.
[[nodiscard]] TurnedRectangle smallest_rectangle(const std::vector<IntPoint>& points);
/// The points of a convex polygon grown by `distance` on all sides, corners rounded, to whole pixels.
[[nodiscard]] std::vector<IntPoint> grow(const image::Quad& corners, double distance);
/// The mean of the map inside, border included.
[[nodiscard]] double mean_inside(const ProbabilityMap& map, const image::Quad& corners);
/// In reading order: a row is where the next box begins less than ten pixels below the one before.
void sort_for_reading(std::vector<image::Quad>& boxes);

}  // namespace hearth::engines::onnx
