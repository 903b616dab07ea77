#include "engines/onnx/pp_ocr_regions.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace hearth::engines::onnx {
namespace {

using image::Quad;

constexpr double kLeastSide = 3;       // pixels of the map, before growth
constexpr double kLeastGrownSide = 5;  // and after it
constexpr int kLeastPageSide = 3;      // pixels of the page: smaller is dust
constexpr double kRowStep = 10;        // pixels of the page

double perimeter(const Quad& quad) {
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    sum += std::hypot(quad[(i + 1) % 4].x - quad[i].x, quad[(i + 1) % 4].y - quad[i].y);
  }
  return sum;
}

double area(const Quad& quad) {
  double twice = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    twice += quad[i].x * quad[(i + 1) % 4].y - quad[(i + 1) % 4].x * quad[i].y;
  }
  return std::abs(twice) / 2;
}

/// The corners in whole page pixels, on the page.
Quad to_page(const Quad& quad, const ProbabilityMap& map, int page_width, int page_height) {
  Quad scaled;
  for (std::size_t i = 0; i < 4; ++i) {
    // In single precision, as others do: what lies between two pixels goes the same way.
    const auto on_page = [](double at, int map_side, int page_side) {
      return double{
          std::nearbyint(static_cast<float>(at) / static_cast<float>(map_side) * static_cast<float>(page_side))};
    };
    const double x = on_page(quad[i].x, map.width, page_width);
    const double y = on_page(quad[i].y, map.height, page_height);
    scaled[i] = {std::clamp(x, 0.0, page_width - 1.0), std::clamp(y, 0.0, page_height - 1.0)};
  }
  return scaled;
}

bool is_dust(const Quad& quad) {
  const auto side = [&quad](std::size_t a, std::size_t b) {
    return static_cast<int>(std::hypot(quad[a].x - quad[b].x, quad[a].y - quad[b].y));
  };
  return side(0, 1) <= kLeastPageSide || side(0, 3) <= kLeastPageSide;
}

}  // namespace

std::vector<std::uint8_t> make_mask(const ProbabilityMap& map, float threshold) {
  const auto width = static_cast<std::size_t>(map.width);
  const auto height = static_cast<std::size_t>(map.height);
  std::vector<std::uint8_t> mask(map.values.size());
  std::vector<std::uint8_t> above(width);  // the thresholded row before this one
  std::vector<std::uint8_t> here(width);
  for (std::size_t y = 0; y < height; ++y) {
    const float* values = map.values.data() + y * width;
    for (std::size_t x = 0; x < width; ++x) here[x] = values[x] > threshold ? 1 : 0;
    std::uint8_t* out = mask.data() + y * width;
    out[0] = here[0] | above[0];
    for (std::size_t x = 1; x < width; ++x) out[x] = here[x] | here[x - 1] | above[x] | above[x - 1];
    std::swap(above, here);
  }
  return mask;
}

void sort_for_reading(std::vector<Quad>& boxes) {
  std::stable_sort(boxes.begin(), boxes.end(), [](const Quad& a, const Quad& b) { return a[0].y < b[0].y; });
  auto begin = boxes.begin();
  while (begin != boxes.end()) {
    auto end = begin + 1;
    while (end != boxes.end() && (*end)[0].y - (*(end - 1))[0].y < kRowStep) ++end;
    std::stable_sort(begin, end, [](const Quad& a, const Quad& b) { return a[0].x < b[0].x; });
    begin = end;
  }
}

std::vector<Quad> find_regions(const ProbabilityMap& map, int page_width, int page_height,
                               const RegionSettings& settings) {
  std::vector<Quad> boxes;
  if (map.width < 1 || map.height < 1) return boxes;
  const std::vector<std::uint8_t> mask = make_mask(map, settings.pixel_threshold);
  for (const std::vector<IntPoint>& outline : trace_outlines(mask, map.width, map.height, settings.max_outlines)) {
    const TurnedRectangle tight = smallest_rectangle(outline);
    if (tight.shorter_side < kLeastSide || mean_inside(map, tight.corners) < settings.box_threshold) continue;
    const double distance = area(tight.corners) * settings.growth / perimeter(tight.corners);
    const TurnedRectangle grown = smallest_rectangle(grow(tight.corners, distance));
    if (grown.shorter_side < kLeastGrownSide) continue;
    const Quad box = to_page(grown.corners, map, page_width, page_height);
    if (!is_dust(box)) boxes.push_back(box);
  }
  sort_for_reading(boxes);
  return boxes;
}

}  // namespace hearth::engines::onnx
