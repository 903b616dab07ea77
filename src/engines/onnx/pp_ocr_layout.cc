#include "engines/onnx/pp_ocr_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace hearth::engines::onnx {
namespace {

constexpr int kGrain = 32;  // the detector halves five times
constexpr int kLongestSide = 2'000;
constexpr int kShortestSide = 30;
constexpr int kThinnest = 4;      // pixels; nobody reads below that
constexpr double kLineShape = 8;  // a page wider than this times its height is a single line
constexpr int kDetectorSide = 736;
constexpr double kDetectorPixels = 4.5e6;
constexpr int kLeastWidth = 320;   // of a recogniser's batch
constexpr int kMostWidth = 3'200;  // of a line at kLineHeight: what a page's width holds in the smallest print
constexpr int kRunWidth = 4'096;   // pixels of all lines of a run: bounds its output to 40 MB
constexpr std::size_t kGroupLines = 6;

/// To a multiple of 32, halves to the even one, never 0.
int to_grain(double side) {
  return std::max(1, static_cast<int>(std::nearbyint(static_cast<int>(side) / double{kGrain}))) * kGrain;
}

PictureSize scaled(PictureSize size, double ratio) {
  return {to_grain(size.width * ratio), to_grain(size.height * ratio)};
}

double shape(PictureSize line) { return static_cast<double>(line.width) / line.height; }

}  // namespace

PictureSize working_size(PictureSize page) {
  if (std::min(page.width, page.height) < 1) return {};
  PictureSize size = page;
  const int longest = std::max(size.width, size.height);
  if (longest > kLongestSide) {
    const double ratio = static_cast<double>(kLongestSide) / longest;
    if (std::min(size.width, size.height) * ratio < kThinnest) return {};
    size = scaled(size, ratio);
  }
  const int shortest = std::min(size.width, size.height);
  if (shortest < kThinnest) return {};
  if (shortest < kShortestSide) {
    const double most = static_cast<double>(kLongestSide) / std::max(size.width, size.height);
    const double ratio = std::min(static_cast<double>(kShortestSide) / shortest, most);
    if (ratio > 1) size = scaled(size, ratio);
  }
  return size;
}

int padding_rows(PictureSize page) {
  const bool is_line = static_cast<double>(page.width) / page.height > kLineShape;
  if (page.height > kShortestSide && !is_line) return 0;
  const int height = std::max(static_cast<int>(page.width / kLineShape), kShortestSide) * 2;
  return std::abs(height - page.height) / 2;
}

PictureSize detector_size(PictureSize page) {
  const int shortest = std::min(page.width, page.height);
  double ratio = shortest < kDetectorSide ? static_cast<double>(kDetectorSide) / shortest : 1.0;
  const double pixels = static_cast<double>(page.width) * page.height * ratio * ratio;
  if (pixels > kDetectorPixels) ratio *= std::sqrt(kDetectorPixels / pixels);
  return scaled(page, ratio);
}

int line_width(PictureSize line) {
  return static_cast<int>(std::clamp(std::ceil(kLineHeight * shape(line)), 1.0, double{kMostWidth}));
}

std::vector<LineBatch> plan_batches(const std::vector<PictureSize>& lines) {
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return shape(lines[a]) < shape(lines[b]); });
  std::vector<LineBatch> batches;
  for (std::size_t begin = 0; begin < order.size(); begin += kGroupLines) {
    const std::size_t end = std::min(begin + kGroupLines, order.size());
    const double widest = std::floor(kLineHeight * shape(lines[order[end - 1]]));
    const int width = static_cast<int>(std::clamp(widest, double{kLeastWidth}, double{kMostWidth}));
    const auto most = static_cast<std::size_t>(std::max(kRunWidth / width, 1));
    for (std::size_t i = begin; i < end; i += most) {
      const auto from = order.begin() + static_cast<std::ptrdiff_t>(i);
      batches.push_back({width, {from, from + static_cast<std::ptrdiff_t>(std::min(most, end - i))}});
    }
  }
  return batches;
}

void append_planes(const image::Picture& picture, int width, std::vector<float>& planes) {
  static constexpr auto kLevels = [] {
    std::array<float, 256> levels{};
    for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = (static_cast<float>(i) / 255.0F - 0.5F) / 0.5F;
    return levels;
  }();
  const std::size_t plane = static_cast<std::size_t>(width) * static_cast<std::size_t>(picture.height);
  const std::size_t begin = planes.size();
  planes.resize(begin + 3 * plane);
  for (std::size_t c = 0; c < 3; ++c) {
    for (int y = 0; y < picture.height; ++y) {
      const std::uint8_t* row = picture.row(y) + (2 - c);
      float* out = planes.data() + begin + c * plane + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
      for (std::size_t x = 0; x < static_cast<std::size_t>(picture.width); ++x) out[x] = kLevels[row[x * 3]];
    }
  }
}

}  // namespace hearth::engines::onnx
