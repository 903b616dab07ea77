#pragma once

// The error bodies of the OpenAI and Anthropic APIs, and which status each of our codes becomes. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/load_card.h"

namespace hearth::wire {

/// {"error":{"message","type","code","param"}} with its status; beside them "loading" where a load is under way.
struct ApiError {
  int status = 500;
  std::string message;               // for a person, with what to do about it
  std::string type;                  // "invalid_request_error", "authentication_error", "server_error", …
  std::string code;                  // "model_not_found", "invalid_api_key", …; a stable word
  std::optional<std::string> param;  // the field that is wrong
  std::optional<LoadCard> loading{};
};

/// 400 kInvalidArgument and kUnsupported (asking again will not help, and clients repeat 5xx) · 403 kPermission ·
/// 404 kNotFound · 409 kConflict · 499 kCancelled · 503 kExhausted and kUnavailable · 504 kTimedOut · 500 the rest.
[[nodiscard]] int status_of(base::Code code);

/// OpenAI's word for a status: "invalid_request_error" for 4xx but for 401, 403 and 429; "server_error" for 5xx.
[[nodiscard]] std::string_view error_type(int status);

/// `code` empty: base::code_name().
[[nodiscard]] ApiError make_api_error(const base::Error& error, std::optional<std::string> param = std::nullopt,
                                      std::string code = {});
/// For a status that net/ found out by itself.
[[nodiscard]] ApiError make_api_error(int status, const base::Error& error);

/// Whose error object a route's clients understand.
enum class ErrorShape { kOpenAi, kAnthropic };

[[nodiscard]] std::string to_json(const ApiError& error, ErrorShape shape = ErrorShape::kOpenAi);

}  // namespace hearth::wire
