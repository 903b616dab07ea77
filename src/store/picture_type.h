#pragma once

#include <string_view>

namespace hearth::store {

/// "image/png", jpeg, webp, tiff or bmp, by the first bytes of a file; empty: none of them, the kinds that a picture in
/// a chat may be. Whether the rest can be read is for a decoder to say. Pure.
[[nodiscard]] std::string_view find_picture_type(std::string_view bytes);
/// So many bytes are enough to tell.
inline constexpr std::size_t kPictureHead = 12;

}  // namespace hearth::store
