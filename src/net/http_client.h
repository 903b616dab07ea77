#pragma once

// One HTTP/1.1 request to a server on this machine: what `hearth say`, `doctor` and `bench` need to talk to a running
// `hearth serve`. No TLS, no redirects, no proxies. Boost stays in the .cc.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "net/http_exchange.h"
#include "net/http_message.h"

namespace hearth::net {

struct ClientRequest {
  std::string host = "127.0.0.1";  // as the server was told to listen: see resolve.h
  std::uint16_t port = 8000;
  std::string method = "GET";
  std::string target = "/";
  Headers headers;
  std::string body;
  base::Millis connect_time{1'000};        // to find the host and to connect to it
  base::Millis silence_time{120'000};      // the longest wait for a next byte
  std::size_t most_body_bytes = 64 << 20;  // of a response that is collected; a sink has no bound
};

struct FormField {
  std::string name;
  std::string value;
};
struct FormFile {
  std::string_view name;  // as if it came from a disk
  std::string_view type;  // empty: not told
  std::string_view bytes;
};
/// Makes `request` a POST of a form (multipart/form-data, RFC 7578): these fields, and the file as the field "file".
/// Names are ours and need no quoting.
void set_form(ClientRequest& request, const std::vector<FormField>& fields, const FormFile& file);

/// Gets the body of a response with status 200 as it comes; kStop closes the connection.
using BodySink = std::function<Flow(std::string_view bytes)>;

/// Blocks. With a sink, the body of a 200 goes there and the returned one is empty; other statuses keep their body.
/// Errors: kNotFound (no such host), kUnavailable (nobody listens), kTimedOut, kCancelled (the sink stopped),
/// kExhausted (too large), kIo.
[[nodiscard]] base::Result<HttpResponse> fetch(const ClientRequest& request, const BodySink& sink = {});

}  // namespace hearth::net
