#include "wire/form_in.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <utility>

#include "wire/json_in.h"
#include "wire/json_text.h"

namespace hearth::wire {
namespace {

bool is_utf8_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;
  std::string quoted = "\"";  // inside a string brackets are no depth
  std::copy_if(text.begin(), text.end(), std::back_inserter(quoted), [](char c) { return c != '"' && c != '\\'; });
  return check_json_text(quoted).has_value();
}

/// "name[]" or "name".
bool is_called(const FormPart& part, std::string_view name) {
  std::string_view called = part.name;
  if (called.ends_with("[]")) called.remove_suffix(2);
  return called == name;
}

std::string plain(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

}  // namespace

tl::expected<FormReader, ApiError> FormReader::open(std::string_view content_type, std::string_view body) {
  auto parts = parse_form(content_type, body);
  if (!parts) return tl::unexpected(std::move(parts.error()));
  return FormReader(std::move(*parts));
}

std::optional<std::string> FormReader::text(std::string_view name, std::size_t max_bytes) {
  const FormPart* found = nullptr;
  for (const FormPart& part : parts_) {
    if (part.name != name) continue;
    if (found != nullptr) return complain(name, "'" + std::string(name) + "' is given more than once");
    found = &part;
  }
  if (found == nullptr || found->bytes.empty()) return std::nullopt;
  return checked(*found, name, max_bytes);
}

std::vector<std::string> FormReader::list(std::string_view name) {
  std::vector<std::string> out;
  for (const FormPart& part : parts_) {
    if (!is_called(part, name)) continue;
    if (auto item = checked(part, name, kMaxName)) out.push_back(std::move(*item));
  }
  return out;
}

bool FormReader::has(std::string_view name) const {
  return std::ranges::any_of(parts_, [&](const FormPart& part) { return is_called(part, name); });
}

std::optional<bool> FormReader::boolean(std::string_view name) {
  const auto word = text(name);
  if (!word) return std::nullopt;
  for (const std::string_view yes : {"true", "True", "1"}) {
    if (*word == yes) return true;
  }
  for (const std::string_view no : {"false", "False", "0"}) {
    if (*word == no) return false;
  }
  complain(name, "'" + std::string(name) + "' must be true or false", "invalid_type");
  return std::nullopt;
}

std::optional<double> FormReader::number(std::string_view name, double least, double most) {
  const auto word = text(name);
  if (!word) return std::nullopt;
  double value = 0;
  const char* end = word->data() + word->size();
  const auto [stop, error] = std::from_chars(word->data(), end, value);
  if (error != std::errc() || stop != end) {
    return complain(name, "'" + std::string(name) + "' must be a number", "invalid_type");
  }
  if (value >= least && value <= most) return value;
  return complain(name,
                  "'" + std::string(name) + "' must be from " + plain(least) + " to " + plain(most) + ", not " + *word);
}

std::vector<const FormPart*> FormReader::files(std::string_view name) {
  std::vector<const FormPart*> found;
  const std::string quoted = "'" + std::string(name) + "'";
  for (const FormPart& part : parts_) {
    if (!is_called(part, name)) continue;
    if (part.kind == FormPart::Kind::kFile) {
      found.push_back(&part);
    } else {
      complain(name, quoted + " must be a file, with a filename (curl: -F file=@NAME)", "invalid_type");
    }
  }
  if (found.empty()) {
    complain(name, "the form has no " + quoted + " (curl: -F file=@NAME)", "missing_required_parameter");
  } else if (found.size() == 1 && found.front()->bytes.empty()) {
    complain(name, "the file is empty", "empty_file");
  }
  return found;
}

std::nullopt_t FormReader::complain(std::string_view param, std::string message, std::string code) {
  if (!error_) error_ = bad_field(param, std::move(message), std::move(code));
  return std::nullopt;
}

std::optional<std::string> FormReader::checked(const FormPart& part, std::string_view name, std::size_t max_bytes) {
  if (part.bytes.size() > max_bytes) {
    return complain(name,
                    "'" + std::string(name) + "' has " + std::to_string(part.bytes.size()) + " bytes; at most " +
                        std::to_string(max_bytes) + " are taken",
                    "string_above_max_length");
  }
  if (!is_utf8_text(part.bytes)) return complain(name, "'" + std::string(name) + "' is not valid UTF-8 text");
  return std::string(part.bytes);
}

}  // namespace hearth::wire
