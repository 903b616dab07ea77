#pragma once

// Inside wire/ only, for .cc files: reads typed fields of a form and keeps the first thing that was wrong. An empty
// field is as good as none.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/multipart.h"
#include "wire/openai_error.h"

namespace hearth::wire {

class FormReader {
 public:
  static constexpr std::size_t kMaxName = 256;  // bytes of a field that is a word or a number

  /// Takes the body apart. `content_type` is the request's, with its boundary.
  [[nodiscard]] static tl::expected<FormReader, ApiError> open(std::string_view content_type, std::string_view body);
  /// UTF-8 without NUL. Twice the same field is an error.
  [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t max_bytes = kMaxName);
  /// "name[]" and "name", as often as they come.
  [[nodiscard]] std::vector<std::string> list(std::string_view name);
  /// Whether "name[]" or "name" came at all.
  [[nodiscard]] bool has(std::string_view name) const;
  /// true, True or 1; false, False or 0.
  [[nodiscard]] std::optional<bool> boolean(std::string_view name);
  [[nodiscard]] std::optional<double> number(std::string_view name, double least, double most);
  /// Every part that is called `name` or "name[]" and came with a file name; an error where there is none.
  [[nodiscard]] std::vector<const FormPart*> files(std::string_view name);
  /// Keeps the first. Returns nothing, so that a reader can return it.
  std::nullopt_t complain(std::string_view param, std::string message, std::string code = "invalid_value");
  [[nodiscard]] const std::optional<ApiError>& error() const { return error_; }

 private:
  explicit FormReader(std::vector<FormPart> parts) : parts_(std::move(parts)) {}
  std::optional<std::string> checked(const FormPart& part, std::string_view name, std::size_t max_bytes);
  std::vector<FormPart> parts_;
  std::optional<ApiError> error_;
};

}  // namespace hearth::wire
