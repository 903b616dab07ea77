#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "api/request_gate.h"
#include "api/services.h"
#include "audio/sample_budget.h"
#include "net/http_exchange.h"

namespace hearth::api {

/// What a handler is given beside its exchange. Constant while requests run, but for what counts them; outlives them.
struct Context {
  RequestGate gate;           // max_requests + max_queue places
  RequestGate language;       // as many, for language requests
  RequestGate uploads;        // max_concurrent_uploads places, from a form's or a large body's head to its answer
  audio::SampleBudget sound;  // of all that is transcribed: the longest file, and an hour beside it
  Services services;
  ApiOptions options;
  std::int64_t started_at = 0;  // seconds since 1970
  base::Instant started{};
  std::atomic<int> documents_waiting = 0;  // for page_executor
  [[nodiscard]] int running() const { return gate.running() + language.running(); }
  [[nodiscard]] int waiting() const { return gate.waiting() + language.waiting(); }
};

using ExchangePtr = std::shared_ptr<net::Exchange>;  // shared because the connection waits for the last to let go

/// Whether nobody waits for the answer any more: the client left, or the server gave up on it.
inline bool has_left(const ExchangePtr& exchange) { return exchange->stop_token().stop_requested(); }

/// Posts the next step of a request that nobody wants once `stop` is requested (its client left): a step that waits for
/// a thread then goes at once, and with it what it holds: the request's places, its bytes, its lease. Nobody is
/// answered for it; whoever requests the stop has seen to that. Nothing is posted after the stop, so that no pool is
/// asked for a thread when the server has ended. A job may end inside request_stop(): who calls that on a member of a
/// job holds the job, or a copy of the source.
inline void post_step(base::Executor& executor, const std::stop_token& stop, base::Task step) {
  if (!stop.stop_requested()) executor.post_droppable(std::move(step), stop);
}

/// One request of a route. `parameter` is the decoded path segment that stood where the pattern says {}.
using Handler = void (*)(Context& context, const ExchangePtr& exchange, const std::string& parameter);

}  // namespace hearth::api
