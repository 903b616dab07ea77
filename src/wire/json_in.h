#pragma once

// Inside wire/ only, for .cc files: reads typed fields of one JSON object and keeps the first thing that was wrong.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "wire/openai_error.h"

namespace hearth::wire {

/// `bad("speed", "…")` as a 400 with that param.
[[nodiscard]] ApiError bad_field(std::string_view param, std::string message, std::string code = "invalid_value");

class ObjectReader {
 public:
  enum class Need { kRequired, kOptional };
  /// Checks, parses, and wants an object at the top.
  [[nodiscard]] static tl::expected<ObjectReader, ApiError> open(std::string_view body);
  /// Nothing where the field is missing or null. An error of type or length is kept in error().
  [[nodiscard]] std::optional<std::string> string(std::string_view name, Need need, std::size_t max_bytes);
  [[nodiscard]] std::optional<double> number(std::string_view name, double least, double most);
  [[nodiscard]] std::optional<bool> boolean(std::string_view name);
  /// "name" or {"id": "name"}.
  [[nodiscard]] std::optional<std::string> string_or_id(std::string_view name, std::size_t max_bytes);
  /// Keeps the first.
  void set_error(ApiError error);
  [[nodiscard]] const std::optional<ApiError>& error() const { return error_; }
  /// For what is not a field of one type.
  [[nodiscard]] const nlohmann::json& object() const { return object_; }

 private:
  explicit ObjectReader(nlohmann::json object) : object_(std::move(object)) {}
  [[nodiscard]] const nlohmann::json* find(std::string_view name) const;
  std::optional<std::string> check_string(const nlohmann::json& value, std::string_view name, std::size_t max_bytes);
  nlohmann::json object_;
  std::optional<ApiError> error_;
};

}  // namespace hearth::wire
