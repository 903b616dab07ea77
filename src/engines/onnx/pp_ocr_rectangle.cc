// The geometry of a region: hull, smallest rectangle, growth, mean inside.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engines/onnx/pp_ocr_regions.h"

namespace hearth::engines::onnx {
namespace {

using image::Point;
using image::Quad;

/// More than zero: b is to the left of the line from o to a, as y goes up.
std::int64_t turn(IntPoint o, IntPoint a, IntPoint b) {
  return static_cast<std::int64_t>(a.x - o.x) * (b.y - o.y) - static_cast<std::int64_t>(a.y - o.y) * (b.x - o.x);
}

/// Andrew's monotone chain; no three points in a line.
std::vector<IntPoint> hull_of(std::vector<IntPoint> points) {
  const auto is_before = [](IntPoint a, IntPoint b) { return a.x < b.x || (a.x == b.x && a.y < b.y); };
  std::sort(points.begin(), points.end(), is_before);
  points.erase(std::unique(points.begin(), points.end()), points.end());
  if (points.size() < 3) return points;
  std::vector<IntPoint> hull;
  const auto add_side = [&hull](auto begin, auto end) {
    const std::size_t base = hull.size();
    for (auto point = begin; point != end; ++point) {
      while (hull.size() >= base + 2 && turn(hull[hull.size() - 2], hull.back(), *point) <= 0) hull.pop_back();
      hull.push_back(*point);
    }
    hull.pop_back();  // the other side begins with it
  };
  add_side(points.begin(), points.end());
  add_side(points.rbegin(), points.rend());
  return hull;
}

/// Top left, top right, bottom right, bottom left: the two leftmost by height, then the two rightmost.
Quad order_corners(Quad corners) {
  std::stable_sort(corners.begin(), corners.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  if (corners[1].y <= corners[0].y) std::swap(corners[0], corners[1]);
  if (corners[3].y <= corners[2].y) std::swap(corners[2], corners[3]);
  return {corners[0], corners[2], corners[3], corners[1]};
}

struct Extent {
  double least = 0;
  double most = 0;
  [[nodiscard]] double length() const { return most - least; }
};

Extent project(const std::vector<IntPoint>& hull, double ux, double uy) {
  Extent extent{hull[0].x * ux + hull[0].y * uy, hull[0].x * ux + hull[0].y * uy};
  for (const IntPoint& point : hull) {
    const double at = point.x * ux + point.y * uy;
    extent.least = std::min(extent.least, at);
    extent.most = std::max(extent.most, at);
  }
  return extent;
}

/// What is within a rounding error of a whole number is that number: corners are truncated to whole pixels later.
double settle(double value) {
  const double whole = std::round(value);
  return std::abs(value - whole) < 1e-4 ? whole : value;
}

}  // namespace

TurnedRectangle smallest_rectangle(std::vector<IntPoint> points) {
  const std::vector<IntPoint> hull = hull_of(std::move(points));
  double least_area = -1;
  TurnedRectangle best;
  for (std::size_t i = 0; i < hull.size(); ++i) {  // one side of the smallest lies on a side of the hull
    const IntPoint& from = hull[i];
    const IntPoint& to = hull[(i + 1) % hull.size()];
    const double length = std::hypot(to.x - from.x, to.y - from.y);
    const double ux = length > 0 ? (to.x - from.x) / length : 1;
    const double uy = length > 0 ? (to.y - from.y) / length : 0;
    const Extent along = project(hull, ux, uy);
    const Extent across = project(hull, -uy, ux);
    const double area = along.length() * across.length();
    if (least_area >= 0 && area > least_area) continue;
    least_area = area;
    const auto corner = [&](double a, double b) { return Point{settle(a * ux - b * uy), settle(a * uy + b * ux)}; };
    best.corners = order_corners({corner(along.least, across.least), corner(along.most, across.least),
                                  corner(along.most, across.most), corner(along.least, across.most)});
    best.shorter_side = std::min(along.length(), across.length());
  }
  return best;
}

std::vector<IntPoint> grow(const Quad& corners, double distance) {
  // Whole numbers and a quarter of a pixel's error on an arc: as the polygon clipper does that others use here.
  constexpr double kArcError = 0.25;
  std::vector<IntPoint> points;
  for (const Point& corner : corners) points.push_back({static_cast<int>(corner.x), static_cast<int>(corner.y)});
  std::vector<IntPoint> grown;
  const double error = std::min(kArcError, distance * kArcError);
  const int steps = std::max(4, static_cast<int>(std::lround(std::numbers::pi / std::acos(1 - error / distance))));
  for (std::size_t i = 0; i < points.size(); ++i) {
    const IntPoint& here = points[i];
    const IntPoint& before = points[(i + points.size() - 1) % points.size()];
    const IntPoint& after = points[(i + 1) % points.size()];
    // Clockwise on the screen, outward is a quarter turn before the direction of a side.
    const double from = std::atan2(here.y - before.y, here.x - before.x) - std::numbers::pi / 2;
    const double to = std::atan2(after.y - here.y, after.x - here.x) - std::numbers::pi / 2;
    const double arc = std::fmod(to - from + 4 * std::numbers::pi, 2 * std::numbers::pi);
    const int pieces = std::max(1, static_cast<int>(std::lround(steps * arc / (2 * std::numbers::pi))));
    for (int piece = 0; piece <= pieces; ++piece) {
      const double angle = from + arc * piece / pieces;
      grown.push_back({static_cast<int>(std::lround(here.x + distance * std::cos(angle))),
                       static_cast<int>(std::lround(here.y + distance * std::sin(angle)))});
    }
  }
  return grown;
}

double mean_inside(const ProbabilityMap& map, const Quad& corners) {
  std::array<IntPoint, 4> points{};
  for (std::size_t i = 0; i < 4; ++i) points[i] = {static_cast<int>(corners[i].x), static_cast<int>(corners[i].y)};
  const auto [first, last] =
      std::minmax_element(points.begin(), points.end(), [](IntPoint a, IntPoint b) { return a.y < b.y; });
  double sum = 0;
  std::int64_t count = 0;
  for (int y = std::max(first->y, 0); y <= std::min(last->y, map.height - 1); ++y) {
    double left = map.width;
    double right = -1;
    for (std::size_t i = 0; i < 4; ++i) {  // a convex shape: from its leftmost to its rightmost side
      const IntPoint& a = points[i];
      const IntPoint& b = points[(i + 1) % 4];
      if (y < std::min(a.y, b.y) || y > std::max(a.y, b.y)) continue;
      const double slope = a.y == b.y ? 0 : static_cast<double>(b.x - a.x) / (b.y - a.y);
      const double x = a.x + (y - a.y) * slope;
      left = std::min({left, x, a.y == b.y ? b.x : x});
      right = std::max({right, x, a.y == b.y ? b.x : x});
    }
    const int begin = std::max(static_cast<int>(std::lround(left)), 0);
    const int end = std::min(static_cast<int>(std::lround(right)), map.width - 1) + 1;
    const float* row = map.values.data() + static_cast<std::ptrdiff_t>(y) * map.width;
    for (int x = begin; x < end; ++x) sum += row[x];
    count += std::max(end - begin, 0);
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace hearth::engines::onnx
