#include "image/orientation.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace hearth::image {
namespace {

constexpr int kOrientationTag = 0x0112;
constexpr std::size_t kEntryBytes = 12;

/// Reads numbers of an EXIF block in its own byte order, within its bounds.
class ExifReader {
 public:
  static std::optional<ExifReader> open(std::string_view exif) {
    using namespace std::string_view_literals;
    if (exif.starts_with("Exif\0\0"sv)) exif.remove_prefix(6);
    if (exif.starts_with("II*\0"sv)) return ExifReader(exif, false);
    if (exif.starts_with("MM\0*"sv)) return ExifReader(exif, true);
    return std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint32_t> number(std::size_t at, std::size_t bytes) const {
    if (at > exif_.size() || bytes > exif_.size() - at) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      const auto byte = static_cast<std::uint8_t>(exif_[at + (is_big_endian_ ? i : bytes - 1 - i)]);
      value = value << 8 | byte;
    }
    return value;
  }

 private:
  ExifReader(std::string_view exif, bool is_big_endian) : exif_(exif), is_big_endian_(is_big_endian) {}
  std::string_view exif_;
  bool is_big_endian_;
};

Picture transpose(const Picture& picture) {
  Picture turned = make_picture(picture.height, picture.width);
  for (int y = 0; y < turned.height; ++y) {
    std::uint8_t* out = turned.row(y);
    for (int x = 0; x < turned.width; ++x)
      std::copy_n(picture.row(x) + static_cast<std::size_t>(y) * 3, 3, out + static_cast<std::size_t>(x) * 3);
  }
  return turned;
}

void mirror(Picture& picture) {
  for (int y = 0; y < picture.height; ++y) {
    std::uint8_t* left = picture.row(y);
    std::uint8_t* right = left + picture.row_bytes() - 3;
    for (; left < right; left += 3, right -= 3) std::swap_ranges(left, left + 3, right);
  }
}

void flip(Picture& picture) {
  for (int y = 0; y < picture.height / 2; ++y) {
    std::swap_ranges(picture.row(y), picture.row(y) + picture.row_bytes(), picture.row(picture.height - 1 - y));
  }
}

}  // namespace

Orientation orientation_of_number(int number) {
  return number >= 1 && number <= 8 ? static_cast<Orientation>(number) : Orientation::kUpright;
}

Orientation orientation_of_exif(std::string_view exif) {
  const auto reader = ExifReader::open(exif);
  if (!reader) return Orientation::kUpright;
  const auto directory = reader->number(4, 4);
  const auto entries = directory ? reader->number(*directory, 2) : std::nullopt;
  if (!entries) return Orientation::kUpright;
  for (std::size_t i = 0; i < *entries; ++i) {
    const std::size_t entry = *directory + 2 + i * kEntryBytes;
    const auto tag = reader->number(entry, 2);
    if (!tag) break;
    if (*tag != kOrientationTag) continue;
    const auto value = reader->number(entry + 8, 2);  // one SHORT, kept in the entry itself
    return value ? orientation_of_number(static_cast<int>(*value)) : Orientation::kUpright;
  }
  return Orientation::kUpright;
}

Picture make_upright(Picture picture, Orientation orientation) {
  const int number = static_cast<int>(orientation);
  if (number >= 5) picture = transpose(picture);
  // After the transposition 5 … 8 want what 1, 2, 4 and 3 want: nothing, a mirror, both, a flip.
  const bool is_mirrored = number == 2 || number == 3 || number == 6 || number == 7;
  const bool is_flipped = number == 3 || number == 4 || number == 7 || number == 8;
  if (is_mirrored) mirror(picture);
  if (is_flipped) flip(picture);
  return picture;
}

}  // namespace hearth::image
