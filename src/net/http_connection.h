#pragma once

// Inside net/ only: with accept_loop.h the one place where Asio's types stand in a header, shared by the listener and
// the connection.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <optional>
#include <string_view>

#include "net/http_server.h"
#include "net/outbox.h"

namespace hearth::net {

inline constexpr std::size_t kReadBytes = 16 << 10;       // one read between requests, and of what is thrown away
inline constexpr std::size_t kPipelinedBytes = 64 << 10;  // kept of requests that come before the last was answered

/// What all connections of a server share; outlives them.
struct ConnectionContext {
  const HttpServerOptions& options;
  bool draining = false;  // I/O thread
};

/// One socket from accept to close. Everything on the I/O thread, but for the wake that an Outbox posts.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, ConnectionContext& context);
  /// Serves requests one after another until either side ends it. Keeps itself alive.
  boost::asio::awaitable<void> run();
  /// Answers one 503 and closes: there are too many connections.
  boost::asio::awaitable<void> turn_away();
  /// Makes the current response the last.
  void end_after_response();
  void close_if_idle();
  /// Since when it waits for its next request; nothing while it is at work, or closed.
  [[nodiscard]] std::optional<base::Instant> waiting_since() const { return waiting_since_; }
  /// Cuts the connection and whatever it does.
  void cut();

 private:
  // Coroutines take references and trivial types only: GCC 12 destroys twice what a co_await expression passes by
  // value.
  enum class Next { kNextRequest, kClose, kLinger };
  struct Incoming;
  boost::asio::awaitable<Next> serve_one();
  boost::asio::awaitable<bool> wait_for_request();
  boost::asio::awaitable<int> read_header(Incoming& incoming);
  boost::asio::awaitable<Next> read_and_answer(Incoming& incoming);
  boost::asio::awaitable<int> read_body(Incoming& incoming, std::size_t limit);
  boost::asio::awaitable<Next> answer(HttpRequest& request, Outbox::Style style, const Plan& plan);
  boost::asio::awaitable<Next> refuse(int status, base::Code code, std::string_view message);
  boost::asio::awaitable<Next> refuse_with(const HttpResponse& response, std::string_view method,
                                           std::string_view route);
  boost::asio::awaitable<bool> pump();
  boost::asio::awaitable<bool> write_all(std::string_view bytes);
  boost::asio::awaitable<void> linger();
  void start(std::string_view method, const Plan& plan);
  void watch_client();
  void unwatch_client();
  void on_client_readable();
  void arm(base::Duration after);
  void disarm();
  void close();
  void report(const Outbox& outbox, std::string_view method, std::string_view route, bool complete);

  ConnectionContext& context_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer wake_;              // never expires: cancelling it wakes pump()
  boost::asio::cancellation_signal watch_off_;  // ends the wait of watch_client()
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<Outbox>
      outbox_;  // shared because the handler's thread may outlive the connection; null between requests
  base::Instant head_at_{};
  std::uint64_t deadline_epoch_ = 0;  // a deadline or a watch of an earlier epoch is stale
  std::uint64_t watch_epoch_ = 0;
  bool timed_out_ = false;
  bool idle_ = false;
  std::optional<base::Instant> waiting_since_;
};

}  // namespace hearth::net
