#pragma once

#include <stop_token>
#include <string_view>

#include "base/flow.h"
#include "net/http_message.h"

namespace hearth::net {

/// The answer to who writes: kStop when nobody will read it.
using Flow = base::Flow;

/// One request and its response. Either send() once, or begin(), write() as often as needed, end(). A handler keeps it
/// by shared_ptr for as long as it likes; whoever drops the last one without having ended the response makes the server
/// answer 500 (nothing begun) or cut the connection (begun), so that a client can tell a broken body from a whole one.
///
/// Threads: any, one at a time. write() blocks while the client is slower than we are, so it must not be called on the
/// I/O thread; there use send().
class Exchange {
 public:
  virtual ~Exchange() = default;
  [[nodiscard]] virtual const HttpRequest& request() const = 0;
  /// Requested when the client has left, also while nothing has been written yet. Callbacks run on the I/O thread:
  /// short.
  [[nodiscard]] virtual std::stop_token stop_token() const = 0;
  /// The whole response. Never blocks.
  virtual void send(HttpResponse response) = 0;
  /// Status line and headers of a body whose length is not known yet (chunked; until close for HTTP/1.0).
  virtual Flow begin(int status, const Headers& headers) = 0;
  /// A piece of the body. Blocks while more than the high-water mark waits to be sent.
  virtual Flow write(std::string_view bytes) = 0;
  /// The body is complete.
  virtual void end() = 0;
};

}  // namespace hearth::net
