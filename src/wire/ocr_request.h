#pragma once

// The body of POST /v1/ocr: a form with a file or several, or JSON that carries one. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/openai_error.h"

namespace hearth::wire {

enum class OcrFormat { kJson, kText, kMarkdown, kHocr };
inline constexpr std::string_view kOcrFormatList = "json, text, markdown or hocr";

/// "json", "text", "markdown", "hocr".
[[nodiscard]] std::string_view name_of(OcrFormat format);
/// The inverse; nothing for any other word.
[[nodiscard]] std::optional<OcrFormat> find_ocr_format(std::string_view name);

struct OcrFile {
  std::string name;        // as the client named it: no path, and nothing to trust; may be empty
  std::string_view bytes;  // in the body that was parsed, or in `decoded`
};

struct OcrRequest {
  std::string model;  // as the client named it; empty: it did not
  OcrFormat format = OcrFormat::kJson;
  double least_score = 0.5;    // 0 … 1
  bool wait = true;            // false: 503 at once where the model is not loaded
  std::string pages;           // as the client wrote it, "1-3,7"; empty: all
  std::vector<OcrFile> files;  // at least one
  std::vector<char> decoded;   // holds what JSON's base64 stands for; moving it moves no byte
};

/// A form has the fields file (or file[]; several make a batch), pages, model, response_format (or format), min_score
/// and wait. JSON has the same but for the file, which is in `image` or `document` as "data:…;base64,…" or bare base64:
/// an address is refused, this server fetches nothing. Only the file is required. `content_type` is the request's.
/// Unknown fields are ignored; the error names the field. A form's files are copied nowhere, JSON's once, so that never
/// more than twice the body is in memory; beside the file JSON may have 1 MiB.
[[nodiscard]] tl::expected<OcrRequest, ApiError> parse_ocr_request(std::string_view content_type,
                                                                   std::string_view body);

}  // namespace hearth::wire
