#pragma once

// One HTTP/1.1 request to a server on this machine: what `hearth say`, `doctor` and `bench` need to talk to a running
// `hearth serve`. No TLS, no redirects, no proxies. Boost stays in the .cc.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "net/http_exchange.h"
#include "net/http_message.h"

namespace hearth::net {

struct ClientRequest {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;
  std::string method = "GET";
  std::string target = "/";
  Headers headers;
  std::string body;
  base::Millis connect_time{1'000};
  base::Millis silence_time{120'000};      // the longest wait for a next byte
  std::size_t most_body_bytes = 64 << 20;  // of a response that is collected; a sink has no bound
};

/// Gets the body of a response with status 200 as it comes; kStop closes the connection.
using BodySink = std::function<Flow(std::string_view bytes)>;

/// Blocks. With a sink, the body of a 200 goes there and the returned one is empty; other statuses keep their body.
/// Errors: kUnavailable (nobody listens), kTimedOut, kCancelled (the sink stopped), kExhausted (too large), kIo.
[[nodiscard]] base::Result<HttpResponse> fetch(const ClientRequest& request, const BodySink& sink = {});

}  // namespace hearth::net
