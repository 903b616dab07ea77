#include "wire/ocr_request.h"

#include <array>
#include <utility>

#include "base/base64.h"
#include "wire/form_in.h"
#include "wire/json_in.h"

namespace hearth::wire {
namespace {

constexpr std::size_t kMaxName = FormReader::kMaxName;
constexpr std::size_t kMaxPages = 4'096;  // letters
constexpr std::array kFormats = {OcrFormat::kJson, OcrFormat::kText, OcrFormat::kMarkdown, OcrFormat::kHocr};
using Need = ObjectReader::Need;

/// Takes what both kinds of body name alike. The first thing that was wrong, or nothing.
std::optional<ApiError> take_format(const std::optional<std::string>& name, OcrRequest& request) {
  if (!name || name->empty()) return std::nullopt;
  const auto format = find_ocr_format(*name);
  if (!format) {
    return bad_field("response_format", "'" + *name + "' is not a known format; use " + std::string(kOcrFormatList));
  }
  request.format = *format;
  return std::nullopt;
}

tl::expected<OcrRequest, ApiError> parse_ocr_form(std::string_view content_type, std::string_view body) {
  auto reader = FormReader::open(content_type, body);
  if (!reader) return tl::unexpected(std::move(reader.error()));
  OcrRequest request;
  for (const FormPart* file : reader->files("file")) request.files.push_back({file->file_name, file->bytes});
  request.model = reader->text("model").value_or("");
  auto format = reader->text("response_format");
  if (!format) format = reader->text("format");
  if (auto wrong = take_format(format, request)) reader->complain("response_format", wrong->message);
  request.pages = reader->text("pages", kMaxPages).value_or("");
  request.least_score = reader->number("min_score", 0, 1).value_or(request.least_score);
  request.wait = reader->boolean("wait").value_or(true);
  if (reader->error()) return tl::unexpected(*reader->error());
  return request;
}

/// The bytes of "data:…;base64,…" or bare base64.
tl::expected<std::string, ApiError> decode_image(std::string_view field, std::string_view text) {
  if (text.starts_with("http://") || text.starts_with("https://")) {
    return tl::unexpected(bad_field(field, "addresses are not fetched; send the bytes", "unsupported_value"));
  }
  if (text.starts_with("data:")) {
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos || !text.substr(0, comma).ends_with(";base64")) {
      return tl::unexpected(bad_field(field, "a data URL must be data:TYPE;base64,BYTES"));
    }
    text.remove_prefix(comma + 1);
  }
  auto bytes = base::decode_base64(text);
  if (!bytes) return tl::unexpected(bad_field(field, "'" + std::string(field) + "' is not base64"));
  if (bytes->empty()) return tl::unexpected(bad_field(field, "the picture is empty", "empty_file"));
  return std::move(*bytes);
}

tl::expected<OcrRequest, ApiError> parse_ocr_json(std::string_view body) {
  auto reader = ObjectReader::open(body);
  if (!reader) return tl::unexpected(std::move(reader.error()));
  OcrRequest request;
  std::string_view field = "image";
  auto text = reader->string(field, Need::kOptional, body.size());
  if (!text) {
    field = "document";
    text = reader->string(field, Need::kOptional, body.size());
  }
  if (!text) {
    reader->set_error(
        bad_field("image", "'image' is missing: a data URL with the picture", "missing_required_parameter"));
  }
  request.model = reader->string("model", Need::kOptional, kMaxName).value_or(request.model);
  auto format = reader->string("response_format", Need::kOptional, kMaxName);
  if (!format) format = reader->string("format", Need::kOptional, kMaxName);
  if (auto wrong = take_format(format, request)) reader->set_error(std::move(*wrong));
  request.pages = reader->string("pages", Need::kOptional, kMaxPages).value_or("");
  request.least_score = reader->number("min_score", 0, 1).value_or(request.least_score);
  request.wait = reader->boolean("wait").value_or(true);
  if (reader->error()) return tl::unexpected(*reader->error());
  auto bytes = decode_image(field, *text);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  request.decoded.assign(bytes->begin(), bytes->end());
  request.files.push_back({{}, {request.decoded.data(), request.decoded.size()}});
  return request;
}

}  // namespace

std::string_view name_of(OcrFormat format) {
  switch (format) {
    case OcrFormat::kJson:
      return "json";
    case OcrFormat::kText:
      return "text";
    case OcrFormat::kMarkdown:
      return "markdown";
    case OcrFormat::kHocr:
      return "hocr";
  }
  return "json";
}

std::optional<OcrFormat> find_ocr_format(std::string_view name) {
  for (const OcrFormat format : kFormats) {
    if (name_of(format) == name) return format;
  }
  return std::nullopt;
}

tl::expected<OcrRequest, ApiError> parse_ocr_request(std::string_view content_type, std::string_view body) {
  return is_form_type(content_type) ? parse_ocr_form(content_type, body) : parse_ocr_json(body);
}

}  // namespace hearth::wire
