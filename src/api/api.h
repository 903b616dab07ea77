#pragma once

// The HTTP API: from a request's head to the handler that answers it. Routes are in routes.cc, the rules of who may ask
// in guard.h, bytes in wire/, sockets in net/. Threads: plan(), on_done() and the beginning of every handler run on the
// server's I/O thread; what infers, or waits for a program that reads a file, on the executors of services.h. Start
// reading at routes.cc, then speech.cc.

#include <memory>

#include "api/context.h"
#include "api/routes.h"
#include "net/http_server.h"

namespace hearth::api {

class Api {
 public:
  Api(const Services& services, ApiOptions options);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  /// Makes a server answer with this API: sets plan, refuse and on_done. The server must end before the Api does, and
  /// so must the executor's tasks.
  void attach(net::HttpServerOptions& options);

  [[nodiscard]] net::Plan plan(const net::HttpRequest& head);
  void on_done(const net::Outcome& outcome);
  [[nodiscard]] const RequestGate& gate() const { return context_.gate; }

 private:
  [[nodiscard]] std::size_t body_limit(Body body) const;
  Context context_;
};

}  // namespace hearth::api
