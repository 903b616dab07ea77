#pragma once

// Pictures from outside: the bytes of a PNG, JPEG, WebP, TIFF or BMP file become 8-bit RGB pixels, the right way up.
// Not here: PDF and what FFmpeg knows (another program's), what is written in a picture (engines/), networks and paths.
// All bytes are hostile: sizes are checked before memory is taken, work is bounded by the limits below, and every
// damage is an error, never a crash or a picture that is half grey. Pure but for TIFF's library, which is opened when
// the first TIFF comes. Any thread. Start reading at decode.cc, decode_page.

#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "image/picture.h"

namespace hearth::image {

struct DecodeLimits {
  /// A page of A0 at 240 dots per inch. A picture takes three bytes a pixel, and up to seven while it is made (a
  /// progressive JPEG nine).
  std::int64_t pixels = 100'000'000;
  int side = 30'000;          // pixels; no scanner makes more, and a strip of one pixel's height is an attack
  int pages = 10'000;         // of one TIFF, which are found one after the other
  int pages_at_once = 1'000;  // of any file, in one reading (page_source.h)
};

enum class Format { kPng, kJpeg, kWebp, kTiff, kBmp, kPdf, kUnknown };
inline constexpr std::string_view kFormatList = "PNG, JPEG, WebP, TIFF or BMP";

/// By the first bytes; names and media types lie.
[[nodiscard]] Format sniff(std::string_view bytes);

/// How many pictures are in the file: 1, unless it is a TIFF. Errors as decode_page.
[[nodiscard]] base::Result<int> count_pages(std::string_view bytes, const DecodeLimits& limits = {});

/// One picture; EXIF's orientation has been applied, and transparency laid on a plain ground (picture.h, flatten).
/// Sixteen bits a channel become eight, grey and palettes RGB; colour profiles are not applied. Errors:
/// kInvalidArgument (damaged, cut short, larger than the limits, no such page), kUnsupported (a PDF, an unknown format,
/// a kind that is not read: an animated WebP, a BMP with run lengths; TIFF where its library is not installed).
[[nodiscard]] base::Result<Picture> decode_page(std::string_view bytes, int page, const DecodeLimits& limits = {});
[[nodiscard]] inline base::Result<Picture> decode(std::string_view bytes, const DecodeLimits& limits = {}) {
  return decode_page(bytes, 0, limits);
}

}  // namespace hearth::image
