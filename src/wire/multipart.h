#pragma once

// multipart/form-data (RFC 7578 in the framing of RFC 2046): how files are uploaded. Pure. Everything is hostile:
// counts and lengths are bounded, and a part's bytes are a view into the body, so that a file of 100 MB is not copied.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wire/openai_error.h"

namespace hearth::wire {

inline constexpr std::size_t kMaxFormParts = 256;       // keywords[] and batches of files are a part each
inline constexpr std::size_t kMaxPartHeader = 8 << 10;  // bytes; a name and a file's name

struct FormPart {
  std::string name;
  std::string file_name;  // as sent: no path, and nothing to trust
  enum class Kind { kField, kFile };
  Kind kind = Kind::kField;  // kFile: it came with a file name, even an empty one
  std::string_view bytes;    // in the body
};

/// Whether a Content-Type says multipart/form-data, whatever its parameters.
[[nodiscard]] bool is_form_type(std::string_view content_type);

/// The parts in their order; names may repeat. What stands before the first and after the last delimiter is ignored, as
/// RFC 2046 wants it. Errors (400, code "invalid_form"): no or a malformed boundary, no closing delimiter, a part
/// without a name, a transfer encoding, too many parts, too long a header.
[[nodiscard]] tl::expected<std::vector<FormPart>, ApiError> parse_form(std::string_view content_type,
                                                                       std::string_view body);

}  // namespace hearth::wire
