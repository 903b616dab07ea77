#include "wire/openai_error.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "wire/json_out.h"

namespace hearth::wire {

int status_of(base::Code code) {
  switch (code) {
    case base::Code::kInvalidArgument:
    case base::Code::kUnsupported:
      return 400;
    case base::Code::kPermission:
      return 403;
    case base::Code::kNotFound:
      return 404;
    case base::Code::kConflict:
      return 409;
    case base::Code::kCancelled:
      return 499;
    case base::Code::kExhausted:
    case base::Code::kUnavailable:
      return 503;
    case base::Code::kTimedOut:
      return 504;
    case base::Code::kCorrupt:
    case base::Code::kIo:
    case base::Code::kInternal:
      return 500;
  }
  return 500;
}

std::string_view error_type(int status) {
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status == 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

namespace {
/// docs.anthropic.com, "Errors".
std::string_view anthropic_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}
}  // namespace

ApiError make_api_error(const base::Error& error, std::optional<std::string> param, std::string code) {
  ApiError out = make_api_error(status_of(error.code), error);
  out.param = std::move(param);
  if (!code.empty()) out.code = std::move(code);
  return out;
}

ApiError make_api_error(int status, const base::Error& error) {
  ApiError out;
  out.status = status;
  out.message = error.line();
  out.type = error_type(status);
  out.code = base::code_name(error.code);
  return out;
}

Json load_tree(const LoadCard& card) {
  return {{"state", card.state},
          {"stage", card.stage},
          {"progress", std::round(card.progress * 1000) / 1000},
          {"elapsed_ms", std::llround(card.elapsed_ms)},
          {"wait_ms", card.wait_ms}};
}

Json error_tree(const ApiError& error) {
  Json body;
  body["message"] = error.message;
  body["type"] = error.type;
  body["param"] = error.param ? Json(*error.param) : Json(nullptr);
  body["code"] = error.code;
  if (error.loading) body["loading"] = load_tree(*error.loading);
  return body;
}

std::string to_json(const ApiError& error, ErrorShape shape) {
  if (shape == ErrorShape::kOpenAi) return dump(Json{{"error", error_tree(error)}});
  Json body = {{"type", anthropic_type(error.status)}, {"message", error.message}};
  if (error.loading) body["loading"] = load_tree(*error.loading);
  return dump(Json{{"type", "error"}, {"error", std::move(body)}});
}

}  // namespace hearth::wire
