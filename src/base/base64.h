#pragma once

// Bytes as text and back: RFC 4648's base64. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace hearth::base {

/// Padded, without line breaks.
[[nodiscard]] std::string encode_base64(std::string_view bytes);
/// The bytes that base64 (RFC 4648, padded or not, without line breaks) stands for; nothing where it is none.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace hearth::base
