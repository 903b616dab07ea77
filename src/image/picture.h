#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hearth::image {

/// Pixels, three bytes each (red, green, blue), row after row from the top without gaps.
struct Picture {
  int width = 0;   // pixels
  int height = 0;  // pixels
  std::vector<std::uint8_t> rgb;

  [[nodiscard]] std::size_t row_bytes() const { return static_cast<std::size_t>(width) * 3; }
  [[nodiscard]] const std::uint8_t* row(int y) const { return rgb.data() + static_cast<std::size_t>(y) * row_bytes(); }
  [[nodiscard]] std::uint8_t* row(int y) { return rgb.data() + static_cast<std::size_t>(y) * row_bytes(); }
};

/// A black picture.
[[nodiscard]] Picture make_picture(int width, int height);

/// `rgba` (width × height × 4 bytes, alpha not premultiplied) on a background that its visible part stands out from:
/// white under dark ink, black under light ink. A transparent logo in white ink would vanish on white paper.
[[nodiscard]] Picture flatten(std::vector<std::uint8_t> rgba, int width, int height);

[[nodiscard]] Picture turn_180(const Picture& picture);
/// A quarter turn against the clock: what was at the right is at the top.
[[nodiscard]] Picture turn_left(const Picture& picture);
/// With `rows` black rows above and as many below.
[[nodiscard]] Picture pad_rows(const Picture& picture, int rows);

}  // namespace hearth::image
