#pragma once

// Inside image/ only: one decoder a format.

#include <string_view>

#include "image/decode.h"

namespace hearth::image {

[[nodiscard]] base::Result<Picture> decode_png(std::string_view bytes, const DecodeLimits& limits);
[[nodiscard]] base::Result<Picture> decode_jpeg(std::string_view bytes, const DecodeLimits& limits);
[[nodiscard]] base::Result<Picture> decode_webp(std::string_view bytes, const DecodeLimits& limits);
[[nodiscard]] base::Result<Picture> decode_bmp(std::string_view bytes, const DecodeLimits& limits);
[[nodiscard]] base::Result<Picture> decode_tiff(std::string_view bytes, int page, const DecodeLimits& limits);
[[nodiscard]] base::Result<int> count_tiff_pages(std::string_view bytes, const DecodeLimits& limits);

/// Whether a picture of that size may be decoded; asked before any memory is taken for it.
[[nodiscard]] base::Result<void> check_size(std::int64_t width, std::int64_t height, const DecodeLimits& limits);
/// kInvalidArgument, "the JPEG is damaged: …".
[[nodiscard]] tl::unexpected<base::Error> damaged(std::string_view format, std::string_view what);

}  // namespace hearth::image
