#include "store/picture_type.h"

namespace hearth::store {

std::string_view find_picture_type(std::string_view bytes) {
  using namespace std::literals;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff"sv)) return "image/jpeg";
  if (bytes.starts_with("RIFF"sv) && bytes.size() >= kPictureHead && bytes.substr(8, 4) == "WEBP"sv)
    return "image/webp";
  if (bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv)) return "image/tiff";
  // Two letters begin many a text; a bitmap's next four bytes are its length, and the four after them are zero.
  if (bytes.starts_with("BM"sv) && bytes.size() >= kPictureHead && bytes.substr(6, 4) == "\0\0\0\0"sv)
    return "image/bmp";
  return {};
}

}  // namespace hearth::store
