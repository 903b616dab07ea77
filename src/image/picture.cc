#include "image/picture.h"

#include <algorithm>
#include <utility>

namespace hearth::image {
namespace {

constexpr std::size_t kRgb = 3;
constexpr std::size_t kRgba = 4;
// Rec. 601 luma, in thousandths.
constexpr std::uint64_t kRed = 299;
constexpr std::uint64_t kGreen = 587;
constexpr std::uint64_t kBlue = 114;
constexpr std::uint64_t kMiddleGrey = 128'000;

bool is_ink_dark(std::span<const std::uint8_t> rgba) {
  std::uint64_t sum = 0;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i + kRgba <= rgba.size(); i += kRgba) {
    if (rgba[i + 3] == 0) continue;
    sum += kRed * rgba[i] + kGreen * rgba[i + 1] + kBlue * rgba[i + 2];
    ++count;
  }
  return count == 0 || sum < kMiddleGrey * count;
}

void copy_pixel(const std::uint8_t* from, std::uint8_t* to) { std::copy_n(from, kRgb, to); }

}  // namespace

Picture make_picture(int width, int height) {
  Picture picture{width, height, {}};
  picture.rgb.resize(picture.row_bytes() * static_cast<std::size_t>(height));
  return picture;
}

Picture flatten(std::vector<std::uint8_t> rgba, int width, int height) {
  const unsigned background = is_ink_dark(rgba) ? 255 : 0;
  const std::size_t pixels = rgba.size() / kRgba;
  for (std::size_t i = 0; i < pixels; ++i) {  // in place: the result never overtakes what it is made of
    const unsigned alpha = rgba[i * kRgba + 3];
    for (std::size_t c = 0; c < kRgb; ++c) {
      const unsigned ink = rgba[i * kRgba + c];
      rgba[i * kRgb + c] = static_cast<std::uint8_t>((ink * alpha + background * (255 - alpha)) / 255);
    }
  }
  rgba.resize(pixels * kRgb);
  return {width, height, std::move(rgba)};
}

Picture turn_180(const Picture& picture) {
  Picture turned = make_picture(picture.width, picture.height);
  const std::size_t pixels = picture.rgb.size() / kRgb;
  for (std::size_t i = 0; i < pixels; ++i) {
    copy_pixel(&picture.rgb[i * kRgb], &turned.rgb[(pixels - 1 - i) * kRgb]);
  }
  return turned;
}

Picture turn_left(const Picture& picture) {
  Picture turned = make_picture(picture.height, picture.width);
  for (int y = 0; y < turned.height; ++y) {
    std::uint8_t* out = turned.row(y);
    const std::size_t column = static_cast<std::size_t>(picture.width - 1 - y) * kRgb;
    for (int x = 0; x < turned.width; ++x)
      copy_pixel(picture.row(x) + column, out + static_cast<std::size_t>(x) * kRgb);
  }
  return turned;
}

Picture pad_rows(const Picture& picture, int rows) {
  Picture padded = make_picture(picture.width, picture.height + 2 * rows);
  std::copy(picture.rgb.begin(), picture.rgb.end(), padded.row(rows));
  return padded;
}

}  // namespace hearth::image
