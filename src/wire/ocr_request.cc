#include "wire/ocr_request.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "wire/json_in.h"
#include "wire/json_text.h"
#include "wire/multipart.h"

namespace hearth::wire {
namespace {

constexpr std::size_t kMaxName = 256;
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

/// A field of the form as text; the last one where it is repeated. Bytes that are no UTF-8 are not repeated in an
/// error.
std::optional<std::string> find_text(const std::vector<FormPart>& parts, std::string_view name) {
  std::optional<std::string> found;
  for (const FormPart& part : parts) {
    if (part.name != name || part.kind == FormPart::Kind::kFile || part.bytes.size() > kMaxName) continue;
    if (check_json_text(part.bytes)) found = std::string(part.bytes);
  }
  return found;
}

std::optional<ApiError> take_file(const std::vector<FormPart>& parts, OcrRequest& request) {
  for (const FormPart& part : parts) {
    if (part.name == "file" || part.name == "file[]") request.files.push_back({part.file_name, part.bytes});
  }
  if (request.files.empty())
    return bad_field("file", "the form has no 'file' (curl: -F file=@NAME)", "missing_required_parameter");
  if (request.files.size() == 1 && request.files[0].bytes.empty())
    return bad_field("file", "the file is empty", "empty_file");
  return std::nullopt;
}

/// Only whether it can be: what the words mean is for who knows pages.
std::optional<ApiError> take_pages(const std::vector<FormPart>& parts, OcrRequest& request) {
  for (const FormPart& part : parts) {
    if (part.name != "pages" || part.kind == FormPart::Kind::kFile) continue;
    if (part.bytes.size() > kMaxPages || !check_json_text(part.bytes)) {
      return bad_field("pages", "'pages' must be page numbers and ranges, such as 1-3,7");
    }
    request.pages = std::string(part.bytes);
  }
  return std::nullopt;
}

std::optional<ApiError> take_score(const std::vector<FormPart>& parts, OcrRequest& request) {
  const auto word = find_text(parts, "min_score");
  if (!word || word->empty()) return std::nullopt;
  const char* end = word->data() + word->size();
  const auto [stop, error] = std::from_chars(word->data(), end, request.least_score);
  const bool is_number = error == std::errc() && stop == end;
  if (is_number && request.least_score >= 0 && request.least_score <= 1) return std::nullopt;
  return bad_field("min_score", "'min_score' must be a number from 0 to 1");
}

std::optional<ApiError> take_wait(const std::vector<FormPart>& parts, OcrRequest& request) {
  const auto word = find_text(parts, "wait");
  if (!word || word->empty()) return std::nullopt;
  if (*word != "true" && *word != "false") return bad_field("wait", "'wait' must be true or false", "invalid_type");
  request.wait = *word == "true";
  return std::nullopt;
}

tl::expected<OcrRequest, ApiError> parse_ocr_form(std::string_view content_type, std::string_view body) {
  const auto parts = parse_form(content_type, body);
  if (!parts) return tl::unexpected(parts.error());
  OcrRequest request;
  auto format = find_text(*parts, "response_format");
  if (!format) format = find_text(*parts, "format");
  if (auto model = find_text(*parts, "model"); model && !model->empty()) request.model = std::move(*model);
  auto wrong = take_file(*parts, request);
  if (!wrong) wrong = take_pages(*parts, request);
  if (!wrong) wrong = take_format(format, request);
  if (!wrong) wrong = take_score(*parts, request);
  if (!wrong) wrong = take_wait(*parts, request);
  if (wrong) return tl::unexpected(std::move(*wrong));
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
