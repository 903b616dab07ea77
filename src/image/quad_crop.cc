#include "image/quad_crop.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hearth::image {
namespace {

constexpr float kSharpness = -0.75F;

double distance(const Point& a, const Point& b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// x' = (a x + b y + c) / (g x + h y + 1), y' = (d x + e y + f) / (g x + h y + 1)
using Projection = std::array<double, 8>;

/// Takes (0,0), (w,0), (w,h), (0,h) to the quad's corners. Heckbert, "Fundamentals of Texture Mapping", 1989, 2.2.
std::optional<Projection> project_rectangle(double w, double h, const Quad& q) {
  const double dx1 = q[1].x - q[2].x;
  const double dx2 = q[3].x - q[2].x;
  const double dy1 = q[1].y - q[2].y;
  const double dy2 = q[3].y - q[2].y;
  const double sx = q[0].x - q[1].x + q[2].x - q[3].x;
  const double sy = q[0].y - q[1].y + q[2].y - q[3].y;
  const double det = dx1 * dy2 - dx2 * dy1;
  if (std::abs(det) < 1e-9) return std::nullopt;
  const double g = (sx * dy2 - dx2 * sy) / det;
  const double k = (dx1 * sy - sx * dy1) / det;
  return Projection{(q[1].x - q[0].x + g * q[1].x) / w,
                    (q[3].x - q[0].x + k * q[3].x) / h,
                    q[0].x,
                    (q[1].y - q[0].y + g * q[1].y) / w,
                    (q[3].y - q[0].y + k * q[3].y) / h,
                    q[0].y,
                    g / w,
                    k / h};
}

/// Weights of the four neighbours at `x`, 0 … 1, from the second to the third: Keys' cubic.
std::array<float, 4> cubic_weights(float x) {
  constexpr float a = kSharpness;
  const float first = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
  const float second = ((a + 2) * x - (a + 3)) * x * x + 1;
  const float third = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
  return {first, second, third, 1 - first - second - third};
}

/// A coordinate as a whole pixel and the rest.
std::pair<int, float> split(double at, int limit) {
  const double bounded = std::clamp(at, -2.0, limit + 1.0);  // farther out, all neighbours are the edge
  const double whole = std::floor(bounded);
  return {static_cast<int>(whole), static_cast<float>(bounded - whole)};
}

void sample(const Picture& picture, double x, double y, std::uint8_t* out) {
  const auto [left, rest_x] = split(x, picture.width);
  const auto [top, rest_y] = split(y, picture.height);
  const std::array<float, 4> weights_x = cubic_weights(rest_x);
  const std::array<float, 4> weights_y = cubic_weights(rest_y);
  std::array<float, 3> sum{};
  for (int j = 0; j < 4; ++j) {
    const std::uint8_t* row = picture.row(std::clamp(top - 1 + j, 0, picture.height - 1));
    for (int i = 0; i < 4; ++i) {
      const std::uint8_t* pixel = row + static_cast<std::ptrdiff_t>(std::clamp(left - 1 + i, 0, picture.width - 1)) * 3;
      const float weight = weights_y[static_cast<std::size_t>(j)] * weights_x[static_cast<std::size_t>(i)];
      for (std::size_t c = 0; c < 3; ++c) sum[c] += weight * pixel[c];
    }
  }
  for (std::size_t c = 0; c < 3; ++c) out[c] = static_cast<std::uint8_t>(std::clamp(std::lrint(sum[c]), 0L, 255L));
}

bool is_whole(double value) { return value == std::floor(value); }

/// The upright rectangle of whole pixels inside the picture that the quad is, if it is one.
bool is_upright_inside(const Picture& picture, const Quad& q) {
  const bool is_upright = q[0].x == q[3].x && q[1].x == q[2].x && q[0].y == q[1].y && q[2].y == q[3].y;
  return is_upright && is_whole(q[0].x) && is_whole(q[0].y) && q[0].x >= 0 && q[0].y >= 0 && q[1].x > q[0].x &&
         q[2].y > q[1].y && q[2].x <= picture.width && q[2].y <= picture.height;
}

Picture copy_part(const Picture& picture, int left, int top, int width, int height) {
  Picture part = make_picture(width, height);
  for (int y = 0; y < height; ++y) {
    std::copy_n(picture.row(top + y) + static_cast<std::ptrdiff_t>(left) * 3, part.row_bytes(), part.row(y));
  }
  return part;
}

}  // namespace

std::optional<Picture> crop_quad(const Picture& picture, const Quad& quad) {
  const int width = static_cast<int>(std::max(distance(quad[0], quad[1]), distance(quad[2], quad[3])));
  const int height = static_cast<int>(std::max(distance(quad[0], quad[3]), distance(quad[1], quad[2])));
  if (width < 1 || height < 1) return std::nullopt;
  if (is_upright_inside(picture, quad)) {
    return copy_part(picture, static_cast<int>(quad[0].x), static_cast<int>(quad[0].y), width, height);
  }
  const auto projection = project_rectangle(width, height, quad);
  if (!projection) return std::nullopt;
  Picture crop = make_picture(width, height);
  const auto& [a, b, c, d, e, f, g, h] = *projection;
  for (int y = 0; y < height; ++y) {
    std::uint8_t* out = crop.row(y);
    for (int x = 0; x < width; ++x, out += 3) {
      const double w = g * x + h * y + 1;
      const double scale = w == 0 ? 0 : 1 / w;
      sample(picture, (a * x + b * y + c) * scale, (d * x + e * y + f) * scale, out);
    }
  }
  return crop;
}

}  // namespace hearth::image
