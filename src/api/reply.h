#pragma once

// The few ways in which a handler answers.

#include <optional>
#include <string>
#include <string_view>

#include "model/wait.h"
#include "net/http_exchange.h"
#include "wire/openai_error.h"

namespace hearth::api {

[[nodiscard]] net::HttpResponse json_response(int status, std::string body);
[[nodiscard]] net::HttpResponse text_response(int status, std::string body);
/// With WWW-Authenticate for 401, and Retry-After where it is given.
[[nodiscard]] net::HttpResponse error_response(const wire::ApiError& error,
                                               std::optional<base::Millis> retry_after = {},
                                               wire::ErrorShape shape = wire::ErrorShape::kOpenAi);

/// The head of a stream of server-sent events.
[[nodiscard]] net::Headers event_headers();

/// How far the load is that somebody did not wait for; nothing where none is under way.
[[nodiscard]] std::optional<wire::LoadCard> make_load_card(const model::NotReady& why);

/// Why a model was not had: 404 model_not_found, or 503 with Retry-After, its state and how far its load is.
[[nodiscard]] net::HttpResponse not_ready_response(const model::NotReady& why, std::string_view name,
                                                   wire::ErrorShape shape = wire::ErrorShape::kOpenAi);

/// 503 overloaded, for the request that the gate turns away.
[[nodiscard]] net::HttpResponse busy_response(wire::ErrorShape shape = wire::ErrorShape::kOpenAi);

/// The header X-Hearth-Wait: 0, for requests that would rather have a 503 than wait for a load.
[[nodiscard]] bool asks_not_to_wait(const net::HttpRequest& request);

/// Seconds, rounded up, at least 1: the unit of Retry-After.
[[nodiscard]] std::string retry_after_text(base::Millis wait);

}  // namespace hearth::api
