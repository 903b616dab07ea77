#pragma once

#include <string_view>

#include "image/picture.h"

namespace hearth::image {

/// How the pixels lie, in EXIF's numbers 1 … 8 (tag 0x0112): where the first row and the first column are in the scene.
enum class Orientation {
  kUpright = 1,
  kMirrored = 2,
  kUpsideDown = 3,
  kFlipped = 4,
  kTransposed = 5,
  kOnLeftSide = 6,  // to be turned a quarter clockwise: what most cameras held upright write
  kTransversed = 7,
  kOnRightSide = 8,
};

/// kUpright where `number` is none of them.
[[nodiscard]] Orientation orientation_of_number(int number);
/// From an EXIF block: a TIFF header and its first directory, with or without "Exif\0\0" before it. kUpright where the
/// block is damaged or says nothing: a picture is not refused for that.
[[nodiscard]] Orientation orientation_of_exif(std::string_view exif);
/// The picture the right way up.
[[nodiscard]] Picture make_upright(Picture picture, Orientation orientation);

}  // namespace hearth::image
