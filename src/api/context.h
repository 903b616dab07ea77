#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/request_gate.h"
#include "api/services.h"
#include "audio/sample_budget.h"
#include "net/http_exchange.h"

namespace hearth::api {

/// What a handler is given beside its exchange. Constant while requests run; outlives them.
struct Context {
  RequestGate gate;           // max_requests + max_queue places
  RequestGate language;       // as many, for language requests
  RequestGate uploads;        // max_concurrent_uploads places, from a form's or a large body's head to its answer
  audio::SampleBudget sound;  // of all that is transcribed: the longest file, and an hour beside it
  Services services;
  ApiOptions options;
  std::int64_t started_at = 0;  // seconds since 1970
  base::Instant started{};
  [[nodiscard]] int running() const { return gate.running() + language.running(); }
  [[nodiscard]] int waiting() const { return gate.waiting() + language.waiting(); }
};

using ExchangePtr = std::shared_ptr<net::Exchange>;  // shared because the connection waits for the last to let go

/// One request of a route. `parameter` is the decoded path segment that stood where the pattern says {}.
using Handler = void (*)(Context& context, const ExchangePtr& exchange, const std::string& parameter);

}  // namespace hearth::api
