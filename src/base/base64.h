#pragma once

// Bytes as text and back: RFC 4648's base64. Pure.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hearth::base {

/// Padded, without line breaks.
[[nodiscard]] std::string encode_base64(std::string_view bytes);
/// The bytes that base64 (RFC 4648, padded or not, without line breaks) stands for; nothing where it is none.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);
/// The same for what is too large to be there twice: the bytes take the text's own place, from its beginning. How many
/// there are; nothing where it is none, and `text` is then of no use.
[[nodiscard]] std::optional<std::size_t> decode_base64_in_place(std::span<char> text);

}  // namespace hearth::base
