#include "wire/ocr_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <utility>

#include "base/base64.h"
#include "wire/form_in.h"
#include "wire/json_in.h"
#include "wire/json_text.h"

namespace hearth::wire {
namespace {

constexpr std::size_t kMaxName = FormReader::kMaxName;
constexpr std::size_t kMaxPages = 4'096;  // letters
constexpr std::size_t kMostJsonBesideThePicture = 1 << 20;
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

/// What `text`, of a JSON string, stands for, where that is ASCII: some clients write the slash of base64 as \/, or its
/// plus as \u002B. Nothing where it holds another escape.
std::optional<std::vector<char>> unescape(std::string_view text) {
  std::vector<char> out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    out.insert(out.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (text.starts_with("\\/")) {
      out.push_back('/');
      text.remove_prefix(2);
      continue;
    }
    constexpr std::size_t kEscape = 6;  // \u002B
    unsigned code = 0;
    const char* const end = text.data() + std::min(kEscape, text.size());
    if (!text.starts_with("\\u00") || std::from_chars(text.data() + 2, end, code, 16).ptr != text.data() + kEscape ||
        code > 0x7f) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(code));
    text.remove_prefix(kEscape);
  }
  return out;
}

/// Takes the picture from "data:…;base64,…" or bare base64: the text of a JSON string, which it copies once. The first
/// thing that was wrong, or nothing.
std::optional<ApiError> take_picture(std::string_view field, std::string_view text, OcrRequest& request) {
  const auto not_base64 = [&] { return bad_field(field, "'" + std::string(field) + "' is not base64"); };
  auto decoded = unescape(text);
  if (!decoded) return not_base64();
  const std::string_view plain(decoded->data(), decoded->size());
  if (plain.starts_with("http://") || plain.starts_with("https://")) {
    return bad_field(field, "addresses are not fetched; send the bytes", "unsupported_value");
  }
  std::size_t begin = 0;
  if (plain.starts_with("data:")) {
    const std::size_t comma = plain.find(',');
    if (comma == std::string_view::npos || !plain.substr(0, comma).ends_with(";base64")) {
      return bad_field(field, "a data URL must be data:TYPE;base64,BYTES");
    }
    begin = comma + 1;
  }
  const std::span<char> base64 = std::span(*decoded).subspan(begin);
  const auto size = base::decode_base64_in_place(base64);
  if (!size) return not_base64();
  if (*size == 0) return bad_field(field, "the picture is empty", "empty_file");
  request.decoded = std::move(*decoded);  // moves no byte
  request.files.push_back({{}, {base64.data(), *size}});
  return std::nullopt;
}

tl::expected<OcrRequest, ApiError> parse_ocr_json(std::string_view body) {
  std::string_view field = "image";
  auto picture = find_json_string(body, field);
  if (!picture) {
    field = "document";
    picture = find_json_string(body, field);
  }
  // The parser would have the picture in memory several times, so it gets what is left without it.
  const std::size_t begin = picture ? static_cast<std::size_t>(picture->data() - body.data()) : body.size();
  const std::size_t size = picture ? picture->size() : 0;
  if (body.size() - size > kMostJsonBesideThePicture) {
    return tl::unexpected(bad_field("image", picture ? "the JSON has more than 1 MiB beside the picture"
                                                     : "the body is no JSON object with a picture in 'image'"));
  }
  std::string rest(body.substr(0, begin));
  rest += body.substr(begin + size);
  auto reader = ObjectReader::open(rest);
  if (!reader) return tl::unexpected(std::move(reader.error()));
  if (!picture) {
    for (const char* name : {"image", "document"})
      (void)reader->string(name, Need::kOptional, rest.size());  // its type
    reader->set_error(
        bad_field("image", "'image' is missing: a data URL with the picture", "missing_required_parameter"));
  }
  OcrRequest request;
  request.model = reader->string("model", Need::kOptional, kMaxName).value_or(request.model);
  auto format = reader->string("response_format", Need::kOptional, kMaxName);
  if (!format) format = reader->string("format", Need::kOptional, kMaxName);
  if (auto wrong = take_format(format, request)) reader->set_error(std::move(*wrong));
  request.pages = reader->string("pages", Need::kOptional, kMaxPages).value_or("");
  request.least_score = reader->number("min_score", 0, 1).value_or(request.least_score);
  request.wait = reader->boolean("wait").value_or(true);
  if (reader->error()) return tl::unexpected(*reader->error());
  if (auto wrong = take_picture(field, *picture, request)) return tl::unexpected(std::move(*wrong));
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
