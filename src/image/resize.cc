#include "image/resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace hearth::image {
namespace {

constexpr int kBits = 11;
constexpr int kOne = 1 << kBits;

/// Where one line of the result comes from along an axis: between `low` and `high`, `weight` of kOne of `high`.
struct Tap {
  int low = 0;
  int high = 0;
  int weight = 0;
};

std::vector<Tap> make_taps(int from, int to) {
  std::vector<Tap> taps(static_cast<std::size_t>(to));
  const double scale = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    const auto centre = static_cast<float>((i + 0.5) * scale - 0.5);
    const float low = std::floor(centre);
    Tap& tap = taps[static_cast<std::size_t>(i)];
    tap.weight = static_cast<int>(std::lrint((centre - low) * kOne));
    tap.low = std::clamp(static_cast<int>(low), 0, from - 1);
    tap.high = std::clamp(static_cast<int>(low) + 1, 0, from - 1);
  }
  return taps;
}

using Row = std::vector<std::int32_t>;

void stretch_row(const std::uint8_t* from, const std::vector<Tap>& taps, Row& to) {
  std::int32_t* out = to.data();
  for (const Tap& tap : taps) {
    const std::uint8_t* low = from + static_cast<std::ptrdiff_t>(tap.low) * 3;
    const std::uint8_t* high = from + static_cast<std::ptrdiff_t>(tap.high) * 3;
    for (int c = 0; c < 3; ++c) *out++ = low[c] * (kOne - tap.weight) + high[c] * tap.weight;
  }
}

/// With the rounding of OpenCV's resize for bytes: four bits go from each row, sixteen from each product, two from
/// their sum. One step of 255 beside exact arithmetic, but the same step as in the pictures that others give the
/// models.
void blend_rows(const Row& low, const Row& high, int weight, std::uint8_t* to) {
  for (std::size_t i = 0; i < low.size(); ++i) {
    const std::int32_t sum = ((low[i] >> 4) * (kOne - weight) >> 16) + ((high[i] >> 4) * weight >> 16);
    to[i] = static_cast<std::uint8_t>((sum + 2) >> 2);
  }
}

/// The last two stretched rows: going down, most are needed twice.
class RowCache {
 public:
  RowCache(const Picture& picture, const std::vector<Tap>& taps) : picture_(picture), taps_(taps) {
    for (Slot& slot : slots_) slot.row.resize(taps.size() * 3);
  }
  /// Valid until the call after the next.
  const Row& get(int y) {
    for (const Slot& slot : slots_) {
      if (slot.y == y) return slot.row;
    }
    Slot& slot = slots_[static_cast<std::size_t>(std::exchange(next_, 1 - next_))];
    stretch_row(picture_.row(y), taps_, slot.row);
    slot.y = y;
    return slot.row;
  }
  /// Keeps `y`, if it is there, from being the next to go.
  void keep(int y) {
    for (int i = 0; i < 2; ++i) {
      if (slots_[static_cast<std::size_t>(i)].y == y) next_ = 1 - i;
    }
  }

 private:
  struct Slot {
    int y = -1;
    Row row;
  };
  const Picture& picture_;
  const std::vector<Tap>& taps_;
  std::array<Slot, 2> slots_;
  int next_ = 0;
};

}  // namespace

Picture resize(const Picture& picture, int width, int height) {
  if (width == picture.width && height == picture.height) return picture;
  const std::vector<Tap> columns = make_taps(picture.width, width);
  const std::vector<Tap> rows = make_taps(picture.height, height);
  RowCache cache(picture, columns);
  Picture resized = make_picture(width, height);
  for (int y = 0; y < height; ++y) {
    const Tap& tap = rows[static_cast<std::size_t>(y)];
    cache.keep(tap.low);
    const Row& low = cache.get(tap.low);
    cache.keep(tap.low);
    blend_rows(low, cache.get(tap.high), tap.weight, resized.row(y));
  }
  return resized;
}

}  // namespace hearth::image
