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

struct Numbered {
  IntPoint point;
  std::size_t number = 0;  // its place among the points given
};

/// Andrew's monotone chain; no three points in a line.
std::vector<Numbered> hull_of(const std::vector<IntPoint>& points) {
  std::vector<Numbered> sorted;
  for (const IntPoint& point : points) sorted.push_back({point, sorted.size()});
  const auto is_before = [](const Numbered& a, const Numbered& b) {
    return a.point.x < b.point.x || (a.point.x == b.point.x && a.point.y < b.point.y);
  };
  std::stable_sort(sorted.begin(), sorted.end(), is_before);
  const auto is_same = [](const Numbered& a, const Numbered& b) { return a.point == b.point; };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), is_same), sorted.end());
  if (sorted.size() < 3) return sorted;
  std::vector<Numbered> hull;
  const auto add_side = [&hull](auto begin, auto end) {
    const std::size_t base = hull.size();
    for (auto at = begin; at != end; ++at) {
      while (hull.size() >= base + 2 && turn(hull[hull.size() - 2].point, hull.back().point, at->point) <= 0) {
        hull.pop_back();
      }
      hull.push_back(*at);
    }
    hull.pop_back();  // the other side begins with it
  };
  add_side(sorted.begin(), sorted.end());
  add_side(sorted.rbegin(), sorted.rend());
  return hull;
}

/// The hull begins where the points did, whichever way round they went: which of several equal rectangles is found
/// depends on that.
std::vector<IntPoint> begin_as_given(std::vector<Numbered> hull) {
  const auto is_less = [](const Numbered& a, const Numbered& b) { return a.number < b.number; };
  const auto is_more = [](const Numbered& a, const Numbered& b) { return a.number > b.number; };
  std::vector<Numbered> turned = hull;
  std::rotate(turned.begin(), std::min_element(turned.begin(), turned.end(), is_less), turned.end());
  if (!std::is_sorted(turned.begin(), turned.end(), is_less)) {
    std::rotate(turned.begin(), std::max_element(turned.begin(), turned.end(), is_less), turned.end());
    if (!std::is_sorted(turned.begin(), turned.end(), is_more)) turned = std::move(hull);
  }
  std::vector<IntPoint> points;
  for (const Numbered& corner : turned) points.push_back(corner.point);
  return points;
}

/// Top left, top right, bottom right, bottom left: the two leftmost by height, then the two rightmost.
Quad order_corners(Quad corners) {
  std::stable_sort(corners.begin(), corners.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  if (corners[1].y <= corners[0].y) std::swap(corners[0], corners[1]);
  if (corners[3].y <= corners[2].y) std::swap(corners[2], corners[3]);
  return {corners[0], corners[2], corners[3], corners[1]};
}

// The smallest rectangle is computed in single precision, step by step as OpenCV's minAreaRect and boxPoints do
// (Toussaint's rotating calipers; the numbers were compared with OpenCV 5.0). Corners are truncated to whole pixels
// afterwards, so that the last bit of a corner moves a box by a pixel, and a line that is cut a pixel lower may read
// differently.

struct Vector {
  float x = 0;
  float y = 0;
};

Vector from_to(IntPoint a, IntPoint b) { return {static_cast<float>(b.x - a.x), static_cast<float>(b.y - a.y)}; }
/// A quarter turn back, `count` times.
Vector turned_back(Vector v, std::size_t count) {
  for (; count > 0; --count) v = {v.y, -v.x};
  return v;
}

/// The rectangle whose first side runs along `base` (of length 1): as two sides and their common corner.
struct Sides {
  Vector corner, along, across;
  float area = 0;
};

/// Four sides that lie on a hull, turned side by side through a right angle: each time the one that is nearest to the
/// next edge of the hull is laid on it.
class Calipers {
 public:
  explicit Calipers(const std::vector<IntPoint>& hull) : hull_(hull) {
    for (std::size_t i = 0; i < hull.size(); ++i) {
      const IntPoint& p = hull[i];
      if (p.y < at(0).y) touched_[0] = i;
      if (p.x > at(1).x) touched_[1] = i;
      if (p.y > at(2).y) touched_[2] = i;
      if (p.x < at(3).x) touched_[3] = i;
    }
  }
  void turn() {
    std::size_t nearest = 0;
    Vector ahead = from_to(at(0), hull_[next(touched_[0])]);  // where the first side points when that edge is reached
    for (std::size_t side = 1; side < 4; ++side) {
      const Vector edge = turned_back(from_to(at(side), hull_[next(touched_[side])]), side);
      if (edge.y * ahead.x - edge.x * ahead.y >= 0) continue;  // not before the one found
      nearest = side;
      ahead = edge;
    }
    const auto shrink = static_cast<float>(1 / std::sqrt(double{ahead.x} * ahead.x + double{ahead.y} * ahead.y));
    base_ = {ahead.x * shrink, ahead.y * shrink};
    touched_[nearest] = next(touched_[nearest]);
  }
  [[nodiscard]] Sides sides() const {
    const auto [a, b] = base_;
    const Vector wide = from_to(at(3), at(1));
    const Vector high = from_to(at(0), at(2));
    const float width = wide.x * a + wide.y * b;
    const float height = -high.x * b + high.y * a;
    const float left = a * static_cast<float>(at(3).x) + static_cast<float>(at(3).y) * b;
    const float bottom = -b * static_cast<float>(at(0).x) + static_cast<float>(at(0).y) * a;
    const float shrink = 1 / (a * a + b * b);
    return {{(left * a - bottom * b) * shrink, (a * bottom + b * left) * shrink},
            {a * width, b * width},
            {-b * height, a * height},
            width * height};
  }

 private:
  [[nodiscard]] const IntPoint& at(std::size_t side) const { return hull_[touched_[side]]; }
  [[nodiscard]] std::size_t next(std::size_t i) const { return i + 1 == hull_.size() ? 0 : i + 1; }
  const std::vector<IntPoint>& hull_;
  std::array<std::size_t, 4> touched_{};  // at the top of the screen, at the right, at its bottom, at the left
  Vector base_{1, 0};
};

float length(Vector v) { return static_cast<float>(std::sqrt(double{v.x} * v.x + double{v.y} * v.y)); }

/// By centre, size and angle, as a rotated rectangle is handed on: the detour is part of the rounding.
TurnedRectangle finish(const Sides& sides) {
  const Vector centre = {sides.corner.x + (sides.along.x + sides.across.x) * 0.5F,
                         sides.corner.y + (sides.along.y + sides.across.y) * 0.5F};
  const float width = length(sides.across);
  const float height = length(sides.along);
  const double degrees = std::atan2(double{sides.along.y}, double{sides.along.x}) * 180 / std::numbers::pi - 90;
  const double angle = double{static_cast<float>(degrees)} * std::numbers::pi / 180;
  const float cosine = static_cast<float>(std::cos(angle)) * 0.5F;
  const float sine = static_cast<float>(std::sin(angle)) * 0.5F;
  const auto corner = [&](float w, float h) {
    return Point{centre.x + sine * h + cosine * w, centre.y - cosine * h + sine * w};
  };
  return {
      order_corners({corner(-width, -height), corner(-width, height), corner(width, height), corner(width, -height)}),
      std::min(width, height)};
}

}  // namespace

TurnedRectangle smallest_rectangle(const std::vector<IntPoint>& points) {
  const std::vector<IntPoint> hull = begin_as_given(hull_of(points));
  if (hull.size() < 3) {  // a line or a point has no inside
    const auto point = [](IntPoint p) { return Point{static_cast<double>(p.x), static_cast<double>(p.y)}; };
    const Point from = point(hull.front());
    const Point to = point(hull.back());
    return {order_corners({from, to, to, from}), 0};
  }
  Calipers calipers(hull);
  Sides best;
  for (std::size_t i = 0; i < hull.size(); ++i) {
    calipers.turn();
    const Sides sides = calipers.sides();
    if (i == 0 || sides.area <= best.area) best = sides;
  }
  return finish(best);
}

std::vector<IntPoint> grow(const Quad& corners, double distance) {
  // Whole numbers, and arcs in steps of which none is a quarter of a pixel off: as Clipper's offset does it, which
  // others use here. An arc's steps are of one angle, and what is left of it is the last step.
  constexpr double kArcError = 0.25;
  const double error = std::min(kArcError, distance * kArcError);
  const double circle = std::min(std::numbers::pi / std::acos(1 - error / distance), distance * std::numbers::pi);
  const double step = 2 * std::numbers::pi / circle;
  std::vector<IntPoint> points;
  for (const Point& corner : corners) points.push_back({static_cast<int>(corner.x), static_cast<int>(corner.y)});
  std::vector<IntPoint> grown;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const IntPoint& here = points[i];
    const IntPoint& before = points[(i + points.size() - 1) % points.size()];
    const IntPoint& after = points[(i + 1) % points.size()];
    // Clockwise on the screen, outward is a quarter turn before the direction of a side.
    const double from = std::atan2(here.y - before.y, here.x - before.x) - std::numbers::pi / 2;
    const double to = std::atan2(after.y - here.y, after.x - here.x) - std::numbers::pi / 2;
    const double arc = std::fmod(to - from + 4 * std::numbers::pi, 2 * std::numbers::pi);
    const int steps = std::max(1, static_cast<int>(std::lround(arc / step)));
    for (int at = 0; at <= steps; ++at) {
      const double angle = at == steps ? to : from + at * step;
      grown.push_back({static_cast<int>(std::lround(here.x + distance * std::cos(angle))),
                       static_cast<int>(std::lround(here.y + distance * std::sin(angle)))});
    }
  }
  // Its union comes out beginning behind the last of the topmost points.
  const auto top = std::min_element(grown.begin(), grown.end(), [](IntPoint a, IntPoint b) { return a.y < b.y; })->y;
  auto last = std::find_if(grown.begin(), grown.end(), [top](IntPoint p) { return p.y == top; });
  while (last + 1 != grown.end() && (last + 1)->y == top) ++last;
  std::rotate(grown.begin(), last + 1, grown.end());
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
