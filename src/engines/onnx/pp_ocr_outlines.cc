// Border following: Suzuki and Abe, "Topological Structural Analysis of Digitized Binary Images by Border Following",
// 1985, without the hierarchy.

#include <array>
#include <cstddef>

#include "engines/onnx/pp_ocr_regions.h"

namespace hearth::engines::onnx {
namespace {

// What a cell of the canvas holds beside 0 (nothing) and 1 (ink that no outline has touched).
constexpr std::int8_t kSeen = 2;
constexpr std::int8_t kSeenFromRight = -2;  // an outline passed with nothing at its right: no hole begins there again

// Counter-clockwise on the screen, from the right.
constexpr std::array<IntPoint, 8> kSteps = {IntPoint{1, 0},  IntPoint{1, -1}, IntPoint{0, -1}, IntPoint{-1, -1},
                                            IntPoint{-1, 0}, IntPoint{-1, 1}, IntPoint{0, 1},  IntPoint{1, 1}};
constexpr int kRight = 0;
constexpr int kLeft = 4;

/// The mask with an empty cell all around, so that no step leaves it.
class Canvas {
 public:
  Canvas(std::span<const std::uint8_t> mask, int width, int height)
      : stride_(width + 2), cells_(static_cast<std::size_t>(stride_) * static_cast<std::size_t>(height + 2)) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        at({x, y}) =
            mask[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] != 0;
      }
    }
  }
  std::int8_t& at(IntPoint p) {
    return cells_[static_cast<std::size_t>(p.y + 1) * static_cast<std::size_t>(stride_) +
                  static_cast<std::size_t>(p.x + 1)];
  }
  std::int8_t& at(IntPoint p, int step) {
    const IntPoint to = kSteps[static_cast<std::size_t>(step)];
    return at({p.x + to.x, p.y + to.y});
  }

 private:
  int stride_;
  std::vector<std::int8_t> cells_;
};

/// Once around, from `start`, whose neighbour in direction `outside` is empty.
std::vector<IntPoint> follow(Canvas& canvas, IntPoint start, int outside) {
  int first = outside;  // clockwise from the outside: the neighbour where the round will end
  do {
    first = (first + 7) % 8;
  } while (first != outside && canvas.at(start, first) == 0);
  if (first == outside) {
    canvas.at(start) = kSeenFromRight;
    return {start};
  }
  const IntPoint last = {start.x + kSteps[static_cast<std::size_t>(first)].x,
                         start.y + kSteps[static_cast<std::size_t>(first)].y};
  std::vector<IntPoint> points;
  IntPoint here = start;
  int back = first;  // where we came from
  int heading = -1;  // of the step before
  while (true) {
    bool is_right_empty = false;
    int ahead = (back + 1) % 8;
    while (canvas.at(here, ahead) == 0) {
      if (ahead == kRight) is_right_empty = true;
      ahead = (ahead + 1) % 8;
    }
    if (is_right_empty) {
      canvas.at(here) = kSeenFromRight;
    } else if (canvas.at(here) == 1) {
      canvas.at(here) = kSeen;
    }
    if (ahead != heading) points.push_back(here);
    const IntPoint next = {here.x + kSteps[static_cast<std::size_t>(ahead)].x,
                           here.y + kSteps[static_cast<std::size_t>(ahead)].y};
    if (next == start && here == last) return points;
    heading = ahead;
    here = next;
    back = (ahead + 4) % 8;
  }
}

}  // namespace

std::vector<std::vector<IntPoint>> trace_outlines(std::span<const std::uint8_t> mask, int width, int height,
                                                  int limit) {
  Canvas canvas(mask, width, height);
  std::vector<std::vector<IntPoint>> outlines;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width && std::ssize(outlines) < limit; ++x) {
      const std::int8_t cell = canvas.at({x, y});
      if (cell == 0) continue;
      if (cell == 1 && canvas.at({x, y}, kLeft) == 0) {
        outlines.push_back(follow(canvas, {x, y}, kLeft));
      } else if (cell > 0 && canvas.at({x, y}, kRight) == 0) {
        outlines.push_back(follow(canvas, {x, y}, kRight));
      }
    }
  }
  return outlines;
}

}  // namespace hearth::engines::onnx
