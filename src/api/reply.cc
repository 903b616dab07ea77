#include "api/reply.h"

#include <algorithm>
#include <cmath>

#include "model/state.h"
#include "wire/sse.h"

namespace hearth::api {
namespace {
constexpr base::Millis kBusyRetry{1000};
}

net::HttpResponse json_response(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, std::move(body)};
}

net::HttpResponse text_response(int status, std::string body) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}}, std::move(body)};
}

std::string retry_after_text(base::Millis wait) {
  return std::to_string(std::max<std::int64_t>(1, (wait.count() + 999) / 1000));
}

net::HttpResponse error_response(const wire::ApiError& error, std::optional<base::Millis> retry_after,
                                 wire::ErrorShape shape) {
  net::HttpResponse response = json_response(error.status, wire::to_json(error, shape));
  if (error.status == 401) response.headers.set("WWW-Authenticate", "Bearer");
  if (retry_after) response.headers.set("Retry-After", retry_after_text(*retry_after));
  return response;
}

net::HttpResponse busy_response(wire::ErrorShape shape) {
  wire::ApiError error = wire::make_api_error(
      503, base::Error{base::Code::kExhausted, "as many requests as are allowed run and wait already", "ask again"});
  error.code = "overloaded";
  return error_response(error, kBusyRetry, shape);
}

bool asks_not_to_wait(const net::HttpRequest& request) {
  const std::string* wait = request.headers.find("X-Hearth-Wait");
  return wait != nullptr && *wait == "0";
}

net::Headers event_headers() {
  return {{"Content-Type", std::string(wire::kSseContentType)},
          {"Cache-Control", "no-store"},
          {"X-Accel-Buffering", "no"}};  // or nginx would hold the stream back
}

std::optional<wire::LoadCard> make_load_card(const model::NotReady& why) {
  if (!model::is_coming(why.state)) return std::nullopt;
  return wire::LoadCard{.state = std::string(model::state_name(why.state)),
                        .stage = why.stage,
                        .progress = why.progress,
                        .elapsed_ms = base::to_millis(why.elapsed),
                        .wait_ms = why.retry_after.count()};
}

net::HttpResponse not_ready_response(const model::NotReady& why, std::string_view name, wire::ErrorShape shape) {
  if (why.error.code == base::Code::kNotFound && why.state == model::State::kAbsent) {
    base::Error error = why.error;
    if (error.remedy.empty()) error.remedy = "GET /v1/models lists the configured ones";
    return error_response(wire::make_api_error(error, "model", "model_not_found"), {}, shape);
  }
  if (why.error.code != base::Code::kUnavailable && why.error.code != base::Code::kTimedOut) {
    wire::ApiError error = wire::make_api_error(why.error, "model", "model_failed");
    error.status = 503;  // the client's request was fine, whatever made the load fail
    error.type = wire::error_type(error.status);
    std::optional<base::Millis> retry_after;
    if (why.retry_after.count() > 0) retry_after = why.retry_after;
    return error_response(error, retry_after, shape);
  }
  base::Error error = why.error;
  if (model::is_coming(why.state)) {
    error.message = "model '" + std::string(name) + "' is " + std::string(model::state_name(why.state));
    if (!why.stage.empty()) error.message += " (" + why.stage + ")";
    error.message += ", " + std::to_string(std::lround(why.progress * 100)) + " % done";
    error.remedy = "ask again after the time in Retry-After";
  }
  wire::ApiError api_error = wire::make_api_error(503, error);
  api_error.param = "model";
  api_error.code = "model_not_ready";
  api_error.loading = make_load_card(why);
  return error_response(api_error, std::max(why.retry_after, base::Millis{1}), shape);
}

}  // namespace hearth::api
