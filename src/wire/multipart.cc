#include "wire/multipart.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace hearth::wire {
namespace {

constexpr std::size_t kMaxBoundary = 70;  // RFC 2046
constexpr std::string_view kBlanks = " \t";

tl::unexpected<ApiError> bad(std::string message) {
  return tl::unexpected(
      make_api_error(base::Error{base::Code::kInvalidArgument, std::move(message), {}}, std::nullopt, "invalid_form"));
}

std::string_view stripped(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// `value; name=token; name="quoted"`: the value, then one parameter after another.
class HeaderValue {
 public:
  explicit HeaderValue(std::string_view text) : rest_(text) {
    const std::size_t end = std::min(rest_.find(';'), rest_.size());
    value_ = stripped(rest_.substr(0, end));
    rest_.remove_prefix(end);
  }
  [[nodiscard]] std::string_view value() const { return value_; }

  /// The parameter of that name; nothing where there is none or the header is malformed before it.
  [[nodiscard]] std::optional<std::string> find(std::string_view wanted) const {
    std::string_view rest = rest_;
    while (rest.starts_with(';')) {
      rest.remove_prefix(1);
      const std::size_t equals = rest.find_first_of("=;");
      if (equals == std::string_view::npos) return std::nullopt;
      const std::string_view name = stripped(rest.substr(0, equals));
      if (rest[equals] == ';') {
        rest.remove_prefix(equals);
        continue;
      }
      rest.remove_prefix(equals + 1);
      rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
      auto value = take_value(rest);
      if (!value) return std::nullopt;
      if (same(name, wanted)) return value;
    }
    return std::nullopt;
  }

 private:
  static std::optional<std::string> take_value(std::string_view& rest) {
    if (!rest.starts_with('"')) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      std::string token(stripped(rest.substr(0, end)));
      rest.remove_prefix(end);
      return token;
    }
    std::string text;
    for (std::size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == '"') {
        rest.remove_prefix(i + 1);
        rest.remove_prefix(std::min(rest.find(';'), rest.size()));
        return text;
      }
      // Browsers leave the backslashes of a path as they are, so only these two are escapes.
      if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
      text.push_back(rest[i]);
    }
    return std::nullopt;
  }

  std::string_view value_;
  std::string_view rest_;
};

bool is_boundary(std::string_view text) {
  constexpr std::string_view kMarks = "'()+_,-./:=? ";
  return !text.empty() && text.size() <= kMaxBoundary && !text.ends_with(' ') &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  kMarks.find(c) != std::string_view::npos;
         });
}

/// In linear time, whatever the bytes are.
std::size_t find_bytes(std::string_view text, std::string_view wanted, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  const void* found = ::memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

/// The lines that divide a body.
class Divider {
 public:
  Divider(std::string_view body, std::string_view boundary)
      : body_(body), mark_(std::string("\r\n--").append(boundary)) {}

  enum class End { kNone, kPart, kLast };
  struct Found {
    End end = End::kNone;
    std::size_t begins = 0;  // the line break before the delimiter, which belongs to it
    std::size_t after = 0;   // where the next part begins
  };
  /// The next one at or after `from`. Text that only begins like a delimiter is content.
  [[nodiscard]] Found find(std::size_t from) const {
    for (;;) {
      const std::size_t at = find_bytes(body_, mark_, from);
      if (at == std::string_view::npos) return {};
      if (const Found found = look_behind_mark(at, at + mark_.size()); found.end != End::kNone) return found;
      from = at + 2;
    }
  }
  /// The first, which may stand at the very beginning without a line break.
  [[nodiscard]] Found find_first() const {
    const std::string_view bare = std::string_view(mark_).substr(2);
    if (body_.starts_with(bare)) {
      if (const Found found = look_behind_mark(0, bare.size()); found.end != End::kNone) return found;
    }
    return find(0);
  }

 private:
  [[nodiscard]] Found look_behind_mark(std::size_t begins, std::size_t at) const {
    const std::string_view rest = body_.substr(at);
    if (rest.starts_with("--")) return {End::kLast, begins, at + 2};
    const std::size_t blanks = std::min(rest.find_first_not_of(kBlanks), rest.size());
    if (blanks > 256 || !rest.substr(blanks).starts_with("\r\n")) return {};
    return {End::kPart, begins, at + blanks + 2};
  }
  const std::string_view body_;
  const std::string mark_;
};

/// Reads a part's header lines and moves `part` behind them.
tl::expected<FormPart, ApiError> open_part(std::string_view& part) {
  FormPart out;
  bool has_disposition = false;
  std::size_t used = 0;
  for (;;) {
    const std::size_t end = part.find("\r\n");
    if (end == std::string_view::npos) return bad("a part of the form has no end to its header");
    const std::string_view line = part.substr(0, end);
    used += end + 2;
    if (used > kMaxPartHeader) {
      return bad("the header of a part of the form is longer than " + std::to_string(kMaxPartHeader) + " bytes");
    }
    part.remove_prefix(end + 2);
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return bad("a part of the form has a header line without ':'");
    const std::string_view name = line.substr(0, colon);
    const HeaderValue value(line.substr(colon + 1));
    if (same(name, "Content-Disposition")) {
      const auto field = value.find("name");
      if (!same(value.value(), "form-data") || !field || field->empty()) {
        return bad("a part of the form has no name: 'Content-Disposition: form-data; name=…'");
      }
      out.name = *field;
      const auto file = value.find("filename");
      out.file_name = file.value_or("");
      if (file || value.find("filename*")) out.kind = FormPart::Kind::kFile;
      has_disposition = true;
    } else if (same(name, "Content-Transfer-Encoding") && !same(value.value(), "binary") &&
               !same(value.value(), "8bit") && !same(value.value(), "7bit")) {
      return bad("a part of the form is encoded as '" + std::string(value.value().substr(0, 40)) +
                 "'; send it as it is");
    }
  }
  if (!has_disposition) return bad("a part of the form has no name: 'Content-Disposition: form-data; name=…'");
  return out;
}

}  // namespace

bool is_form_type(std::string_view content_type) {
  return same(HeaderValue(content_type).value(), "multipart/form-data");
}

tl::expected<std::vector<FormPart>, ApiError> parse_form(std::string_view content_type, std::string_view body) {
  const auto boundary = HeaderValue(content_type).find("boundary");
  if (!boundary || !is_boundary(*boundary)) {
    return bad("the Content-Type must be multipart/form-data with a boundary of 1 to 70 characters");
  }
  const Divider divider(body, *boundary);
  Divider::Found found = divider.find_first();
  if (found.end == Divider::End::kNone) return bad("the form has no delimiter line: '--' and the boundary");
  std::vector<FormPart> parts;
  while (found.end == Divider::End::kPart) {
    if (parts.size() == kMaxFormParts) {
      return bad("the form has more than " + std::to_string(kMaxFormParts) + " parts");
    }
    // The header's last line break may be the next delimiter's first: a part without content.
    const Divider::Found next = divider.find(found.after >= 2 ? found.after - 2 : 0);
    if (next.end == Divider::End::kNone) return bad("the form breaks off: its closing delimiter is missing");
    const std::size_t end = std::max(next.begins, found.after);
    // With its own line break, so that an empty part's header ends too.
    std::string_view part = body.substr(found.after, end + 2 - found.after);
    auto opened = open_part(part);
    if (!opened) return tl::unexpected(std::move(opened.error()));
    if (part.size() >= 2) part.remove_suffix(2);
    opened->bytes = part;
    parts.push_back(std::move(*opened));
    found = next;
  }
  return parts;
}

}  // namespace hearth::wire
