#pragma once

// HTTP/1.1 over TCP, for what the API needs: bounded requests, streamed responses with back-pressure, clients that
// leave. Not a framework: routes, keys and JSON are api/'s. Boost.Beast and Asio stay in the .cc files.
//
// One I/O thread owns every socket and connection, and starts every handler: what would keep it, a handler gives to
// threads of its own. Other threads reach a connection only through its Exchange (outbox.h). Start reading at
// http_connection_read.cc: serve_one() is the life of a request.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "net/http_exchange.h"
#include "net/http_limits.h"
#include "net/http_message.h"

namespace hearth::net {

/// How a response went, for metrics and the log.
struct Outcome {
  std::string_view route;                    // the plan's label; "" when the request was refused before it had one
  std::string_view method;                   // valid during the call
  int status = 0;                            // 499 when the client left before there was a status
  std::uint64_t body_bytes = 0;              // handed over by the handler
  base::Duration duration{};                 // from the end of the request's header to the response's last byte
  std::optional<base::Duration> first_byte;  // to the body's first byte handed over by the handler
  bool complete = false;                     // false: the client left, stalled, or the handler gave up half-way
};

/// What to do with a request, decided from its head alone.
struct Plan {
  std::string_view route;  // label for metrics; must outlive the server (a literal)
  /// Set: answer this and do not read the body.
  std::optional<HttpResponse> refusal;
  std::size_t body_limit = 0;  // bytes; a larger body is refused with 413
  /// I/O thread; short. It may keep the exchange and answer later, from any thread.
  std::function<void(std::shared_ptr<Exchange>)> run;
};

struct HttpServerOptions {
  std::string host = "127.0.0.1";  // an address, or a name that the system resolves
  std::uint16_t port = 8000;       // 0: any free one
  HttpLimits limits;
  /// I/O thread; short. Its request has everything but the body.
  std::function<Plan(const HttpRequest& head)> plan;
  /// Dresses an error that the server itself finds (400, 408, 413, 414, 431, 500, 503, 505). I/O thread. Empty: plain
  /// text.
  std::function<HttpResponse(int status, const base::Error& error)> refuse;
  /// Called once a response. I/O thread; short. May be empty.
  std::function<void(const Outcome&)> on_done;
};

class HttpServer {
 public:
  /// Binds, listens and starts the I/O thread: connections are served when this returns. Raises this process's limit of
  /// open files where the connections need it, and warns where it may not. kConflict: the port is in use;
  /// kPermission: a port below 1024; kInvalidArgument: no such host.
  [[nodiscard]] static base::Result<std::unique_ptr<HttpServer>> listen(HttpServerOptions options);
  /// As stop(0).
  virtual ~HttpServer() = default;
  /// The port that was bound.
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// "http://127.0.0.1:8000"; an IPv6 address in brackets.
  [[nodiscard]] virtual std::string url() const = 0;
  /// Connections open now. Any thread.
  [[nodiscard]] virtual std::size_t connections() const = 0;
  /// Stops accepting, closes idle connections, lets running responses end for up to `limit`, then cuts the rest (their
  /// stop tokens fire). Blocks; idempotent; any thread but the I/O thread. True when nothing had to be cut.
  virtual bool stop(base::Millis limit) = 0;
};

}  // namespace hearth::net
