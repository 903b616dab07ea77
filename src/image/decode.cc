#include "image/decode.h"

#include <string>

#include "image/decode_kinds.h"

namespace hearth::image {

using base::Code;
using base::fail;
using base::Result;

Format sniff(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return Format::kPng;
  if (bytes.starts_with("\xff\xd8\xff"sv)) return Format::kJpeg;
  if (bytes.starts_with("RIFF"sv) && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP"sv) return Format::kWebp;
  if (bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv) || bytes.starts_with("II+\0"sv) ||
      bytes.starts_with("MM\0+"sv)) {
    return Format::kTiff;
  }
  if (bytes.starts_with("BM"sv)) return Format::kBmp;
  // A PDF may have some junk before its header.
  if (bytes.substr(0, 1024).find("%PDF-"sv) != std::string_view::npos) return Format::kPdf;
  return Format::kUnknown;
}

Result<void> check_size(std::int64_t width, std::int64_t height, const DecodeLimits& limits) {
  if (width < 1 || height < 1) return fail(Code::kInvalidArgument, "the picture has no pixels");
  const std::string size = std::to_string(width) + " × " + std::to_string(height) + " pixels";
  if (width > limits.side || height > limits.side) {
    return fail(Code::kInvalidArgument, "the picture has " + size,
                "at most " + std::to_string(limits.side) + " a side are taken");
  }
  if (width * height > limits.pixels) {
    return fail(Code::kInvalidArgument, "the picture has " + size,
                "at most " + std::to_string(limits.pixels / 1'000'000) + " million are taken");
  }
  return {};
}

tl::unexpected<base::Error> damaged(std::string_view format, std::string_view what) {
  return fail(Code::kInvalidArgument, "the " + std::string(format) + " is damaged: " + std::string(what));
}

Result<int> count_pages(std::string_view bytes, const DecodeLimits& limits) {
  if (sniff(bytes) == Format::kTiff) return count_tiff_pages(bytes, limits);
  return 1;
}

Result<Picture> decode_page(std::string_view bytes, int page, const DecodeLimits& limits) {
  const Format format = sniff(bytes);
  if (page < 0 || (page > 0 && format != Format::kTiff)) {
    return fail(Code::kInvalidArgument, "the picture has no page " + std::to_string(page + 1));
  }
  switch (format) {
    case Format::kPng:
      return decode_png(bytes, limits);
    case Format::kJpeg:
      return decode_jpeg(bytes, limits);
    case Format::kWebp:
      return decode_webp(bytes, limits);
    case Format::kTiff:
      return decode_tiff(bytes, page, limits);
    case Format::kBmp:
      return decode_bmp(bytes, limits);
    case Format::kPdf:
      return fail(Code::kUnsupported, "a PDF needs hearth-media", "send its pages as pictures");
    case Format::kUnknown:
      break;
  }
  if (bytes.empty()) return fail(Code::kInvalidArgument, "the picture is empty");
  return fail(Code::kUnsupported, "this is no picture that is known", "send " + std::string(kFormatList));
}

}  // namespace hearth::image
