// Windows bitmaps: 1, 4, 8, 16, 24 and 32 bits a pixel, uncompressed, with palette or masks. Source: Microsoft's
// description of BITMAPINFOHEADER and its successors; the OS/2 header of 12 bytes too.

#include <array>
#include <bit>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "image/decode_kinds.h"

namespace hearth::image {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::uint32_t kPlain = 0;  // BI_RGB
constexpr std::uint32_t kMasks = 3;  // BI_BITFIELDS
constexpr std::uint32_t kAlphaMasks = 6;

struct Bitmap {
  std::string_view bytes;
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool is_top_down = false;
  std::uint32_t bits = 0;
  std::uint32_t compression = kPlain;
  std::array<std::uint32_t, 3> masks{};  // red, green, blue
  std::size_t palette_at = 0;
  std::size_t palette_entry = 4;  // bytes
  std::size_t colours = 0;
  std::size_t pixels_at = 0;

  [[nodiscard]] bool has(std::size_t at, std::size_t count) const {
    return at <= bytes.size() && count <= bytes.size() - at;
  }
  /// Little-endian; the caller has asked has().
  [[nodiscard]] std::uint32_t number(std::size_t at, std::size_t count) const {
    std::uint32_t value = 0;
    for (std::size_t i = count; i > 0; --i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i - 1]);
    return value;
  }
  [[nodiscard]] std::size_t row_bytes() const { return (static_cast<std::size_t>(width) * bits + 31) / 32 * 4; }
};

std::optional<std::string> read_old_header(Bitmap& bitmap) {
  bitmap.width = bitmap.number(18, 2);
  bitmap.height = bitmap.number(20, 2);
  bitmap.bits = bitmap.number(24, 2);
  bitmap.palette_entry = 3;
  return std::nullopt;
}

std::optional<std::string> read_new_header(Bitmap& bitmap, std::size_t header_bytes) {
  if (!bitmap.has(kFileHeader, 40)) return "it ends too early";
  bitmap.width = static_cast<std::int32_t>(bitmap.number(18, 4));
  bitmap.height = static_cast<std::int32_t>(bitmap.number(22, 4));
  bitmap.is_top_down = bitmap.height < 0;
  if (bitmap.is_top_down) bitmap.height = -bitmap.height;
  bitmap.bits = bitmap.number(28, 2);
  bitmap.compression = bitmap.number(30, 4);
  bitmap.colours = bitmap.number(46, 4);
  if (bitmap.compression != kMasks && bitmap.compression != kAlphaMasks) return std::nullopt;
  const std::size_t masks_at = kFileHeader + 40;  // in the header's later versions, or right after the first
  if (!bitmap.has(masks_at, 12)) return "it ends too early";
  for (std::size_t i = 0; i < 3; ++i) bitmap.masks[i] = bitmap.number(masks_at + i * 4, 4);
  if (header_bytes == 40) bitmap.palette_at += bitmap.compression == kMasks ? 12 : 16;
  return std::nullopt;
}

std::optional<std::string> read_header(Bitmap& bitmap) {
  if (!bitmap.has(0, kFileHeader + 12)) return "it ends too early";
  bitmap.pixels_at = bitmap.number(10, 4);
  const std::size_t header_bytes = bitmap.number(kFileHeader, 4);
  bitmap.palette_at = kFileHeader + header_bytes;
  if (header_bytes != 12 && header_bytes < 40) return "its header has a length that is not known";
  auto wrong = header_bytes == 12 ? read_old_header(bitmap) : read_new_header(bitmap, header_bytes);
  if (wrong) return wrong;
  if (bitmap.bits == 16 && bitmap.compression == kPlain) bitmap.masks = {0x7c00, 0x03e0, 0x001f};
  if (bitmap.bits == 32 && bitmap.compression == kPlain) bitmap.masks = {0xff0000, 0xff00, 0xff};
  if (bitmap.bits <= 8 && (bitmap.colours == 0 || bitmap.colours > 256)) bitmap.colours = std::size_t{1} << bitmap.bits;
  return std::nullopt;
}

/// The bits of `pixel` under `mask`, stretched to eight.
std::uint8_t channel(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0) return 0;
  const std::uint64_t most = mask >> std::countr_zero(mask);
  return static_cast<std::uint8_t>((static_cast<std::uint64_t>(pixel & mask) >> std::countr_zero(mask)) * 255 / most);
}

void read_palette_row(const Bitmap& bitmap, std::size_t at, std::uint8_t* rgb) {
  const std::uint32_t per_byte = 8 / bitmap.bits;
  const std::uint32_t mask = (1U << bitmap.bits) - 1;
  for (std::size_t x = 0; x < static_cast<std::size_t>(bitmap.width); ++x) {
    const auto byte = static_cast<std::uint8_t>(bitmap.bytes[at + x / per_byte]);
    const std::size_t shift = (per_byte - 1 - x % per_byte) * bitmap.bits;
    const std::size_t colour = (byte >> shift) & mask;
    for (std::size_t c = 0; c < 3; ++c) {
      const std::size_t entry = bitmap.palette_at + colour * bitmap.palette_entry + 2 - c;
      rgb[x * 3 + c] = colour < bitmap.colours ? static_cast<std::uint8_t>(bitmap.bytes[entry]) : 0;
    }
  }
}

void read_row(const Bitmap& bitmap, std::size_t at, std::uint8_t* rgb) {
  if (bitmap.bits <= 8) return read_palette_row(bitmap, at, rgb);
  const std::size_t pixel_bytes = bitmap.bits / 8;
  for (std::size_t x = 0; x < static_cast<std::size_t>(bitmap.width); ++x) {
    const std::size_t from = at + x * pixel_bytes;
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[x * 3 + c] = bitmap.bits == 24 ? static_cast<std::uint8_t>(bitmap.bytes[from + 2 - c])
                                         : channel(bitmap.number(from, pixel_bytes), bitmap.masks[c]);
    }
  }
}

bool is_depth_known(const Bitmap& bitmap) {
  switch (bitmap.bits) {
    case 1:
    case 4:
    case 8:
    case 24:
      return bitmap.compression == kPlain;
    case 16:
    case 32:
      return bitmap.compression == kPlain || bitmap.compression == kMasks || bitmap.compression == kAlphaMasks;
    default:
      return false;
  }
}

}  // namespace

base::Result<Picture> decode_bmp(std::string_view bytes, const DecodeLimits& limits) {
  Bitmap bitmap{.bytes = bytes};
  if (const auto wrong = read_header(bitmap)) return damaged("BMP", *wrong);
  if (auto size = check_size(bitmap.width, bitmap.height, limits); !size) return base::fail(size.error());
  if (!is_depth_known(bitmap)) {
    return base::fail(base::Code::kUnsupported, "a compressed BMP is not read", "send a PNG");
  }
  const auto height = static_cast<std::size_t>(bitmap.height);
  if (!bitmap.has(bitmap.pixels_at, bitmap.row_bytes() * height) ||
      (bitmap.bits <= 8 && !bitmap.has(bitmap.palette_at, bitmap.colours * bitmap.palette_entry))) {
    return damaged("BMP", "it ends too early");
  }
  Picture picture = make_picture(static_cast<int>(bitmap.width), static_cast<int>(bitmap.height));
  for (std::size_t y = 0; y < height; ++y) {
    const std::size_t row = bitmap.is_top_down ? y : height - 1 - y;
    read_row(bitmap, bitmap.pixels_at + y * bitmap.row_bytes(), picture.row(static_cast<int>(row)));
  }
  return picture;
}

}  // namespace hearth::image
