#include <webp/decode.h>

#include <string>
#include <utility>
#include <vector>

#include "image/decode_kinds.h"
#include "image/orientation.h"

namespace hearth::image {
namespace {

constexpr std::size_t kRiffHeader = 12;
constexpr std::size_t kChunkHeader = 8;

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = 4; i > 0; --i) value = value << 8 | static_cast<std::uint8_t>(bytes[i - 1]);
  return value;
}

/// The container's chunk EXIF, usually after the pixels.
Orientation find_orientation(std::string_view bytes) {
  std::size_t at = kRiffHeader;
  while (bytes.size() >= kChunkHeader && at <= bytes.size() - kChunkHeader) {
    const std::size_t size = little_endian(bytes.substr(at + 4, 4));
    const std::size_t begin = at + kChunkHeader;
    if (size > bytes.size() - begin) break;
    if (bytes.substr(at, 4) == "EXIF") return orientation_of_exif(bytes.substr(begin, size));
    at = begin + size + size % 2;
  }
  return Orientation::kUpright;
}

std::string_view reason(VP8StatusCode code) {
  return code == VP8_STATUS_NOT_ENOUGH_DATA ? "it ends too early" : "its bits make no sense";
}

}  // namespace

base::Result<Picture> decode_webp(std::string_view bytes, const DecodeLimits& limits) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  WebPBitstreamFeatures features;
  const VP8StatusCode code = WebPGetFeatures(data, bytes.size(), &features);
  if (code != VP8_STATUS_OK) return damaged("WebP", reason(code));
  if (auto size = check_size(features.width, features.height, limits); !size) return base::fail(size.error());
  if (features.has_animation != 0) {
    return base::fail(base::Code::kUnsupported, "an animated WebP is not read", "send one picture");
  }
  const std::size_t channels = features.has_alpha != 0 ? 4 : 3;
  const std::size_t row_bytes = static_cast<std::size_t>(features.width) * channels;
  std::vector<std::uint8_t> pixels(row_bytes * static_cast<std::size_t>(features.height));
  const auto decode_into = channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  if (decode_into(data, bytes.size(), pixels.data(), pixels.size(), static_cast<int>(row_bytes)) == nullptr) {
    return damaged("WebP", "it ends too early, or its bits make no sense");
  }
  Picture picture = channels == 4 ? flatten(std::move(pixels), features.width, features.height)
                                  : Picture{features.width, features.height, std::move(pixels)};
  return make_upright(std::move(picture), find_orientation(bytes));
}

}  // namespace hearth::image
