#include "net/http_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "base/log.h"

namespace hearth::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBlockBytes = 32 << 10;   // one write; HttpLimits::write_time is for this many
constexpr std::size_t kLingerBytes = 64 << 20;  // thrown away after a refusal, at most

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, ConnectionContext& context)
    : context_(context),
      socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      wake_(socket_.get_executor(), asio::steady_timer::time_point::max()),
      buffer_(std::max(kPipelinedBytes, context.options.limits.header_bytes) + kReadBytes) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  const int unsent = static_cast<int>(context.options.limits.unsent_bytes);
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

asio::awaitable<void> Connection::run() {
  const auto self = shared_from_this();
  Next next = Next::kNextRequest;
  while (next == Next::kNextRequest) next = co_await serve_one();
  if (next == Next::kLinger) co_await linger();
  close();
}

asio::awaitable<void> Connection::turn_away() {
  const auto self = shared_from_this();
  co_await refuse(503, base::Code::kUnavailable, "too many connections are open");
  co_await linger();
  close();
}

asio::awaitable<Connection::Next> Connection::answer(HttpRequest& request, Outbox::Style style, const Plan& plan) {
  const std::string method = request.method;
  style.keep_alive = style.keep_alive && !context_.draining;
  style.head_only = method == "HEAD";
  style.high_water = context_.options.limits.buffered_bytes;
  auto wake = [weak = weak_from_this(), executor = socket_.get_executor()] {
    asio::post(executor, [weak] {
      if (const auto self = weak.lock()) self->wake_.cancel();
    });
  };
  outbox_ = std::make_shared<Outbox>(std::move(request), style, std::move(wake));
  const std::shared_ptr<Outbox> outbox = outbox_;
  start(method, plan);
  const bool complete = co_await pump();
  const bool stays = complete && outbox->keep_alive();
  outbox_.reset();
  if (complete) {
    outbox->detach();
  } else {
    outbox->mark_gone();
  }
  report(*outbox, method, plan.route, complete);
  co_return stays ? Next::kNextRequest : complete ? Next::kLinger : Next::kClose;
}

/// Hands the exchange to the handler. The handle's last copy tells the outbox that nobody will write any more.
void Connection::start(std::string_view method, const Plan& plan) {
  HttpResponse fallback = context_.options.refuse(
      500, base::Error{base::Code::kInternal, "the request was given up without an answer", "see the server's log"});
  std::shared_ptr<Exchange> exchange(outbox_.get(), [outbox = outbox_, fallback = std::move(fallback)](Exchange*) {
    outbox->mark_abandoned(fallback);
  });
  try {
    plan.run(std::move(exchange));
  } catch (const std::exception& error) {
    base::log_error("{} {}: {}", method, plan.route, error.what());
  }
}

/// Moves bytes from the outbox to the socket until the response has ended. False: cut short.
asio::awaitable<bool> Connection::pump() {
  const std::shared_ptr<Outbox> outbox = outbox_;
  bool is_watched = false;
  for (;;) {
    Outbox::Block block = outbox->take(kBlockBytes);
    // A short answer is sent whole even to a client that has closed its own side already, as simple ones do.
    if (block.state == Outbox::State::kOpen && !is_watched) {
      is_watched = true;
      watch_client();
    }
    if (!block.bytes.empty()) {
      const bool written = co_await write_all(block.bytes);
      if (!written) break;
    }
    if (block.state == Outbox::State::kEnded) {
      unwatch_client();
      co_return socket_.is_open();
    }
    if (block.state == Outbox::State::kBroken || !socket_.is_open()) break;
    if (!block.bytes.empty()) continue;
    wake_.expires_at(asio::steady_timer::time_point::max());
    co_await wake_.async_wait(kAwait);
    if (!socket_.is_open()) break;
  }
  unwatch_client();
  co_return false;
}

/// Waits for the socket to become readable while a response is made: that is a client that leaves, or its next request.
void Connection::watch_client() {
  if (buffer_.size() >= kPipelinedBytes) return;  // a leaving client is then noticed at the next write
  auto on_readable = [weak = weak_from_this(), epoch = watch_epoch_](error_code ec) {
    if (const auto self = weak.lock(); self && !ec && epoch == self->watch_epoch_) self->on_client_readable();
  };
  socket_.async_wait(asio::ip::tcp::socket::wait_read,
                     asio::bind_cancellation_slot(watch_off_.slot(), std::move(on_readable)));
}

void Connection::unwatch_client() {
  ++watch_epoch_;
  watch_off_.emit(asio::cancellation_type::terminal);
}

void Connection::on_client_readable() {
  error_code ec;
  socket_.non_blocking(true, ec);
  const std::size_t n = socket_.read_some(buffer_.prepare(kReadBytes), ec);
  if (ec == asio::error::would_block || ec == asio::error::try_again) return watch_client();
  if (!ec) {
    buffer_.commit(n);
    return watch_client();
  }
  cut();
}

asio::awaitable<bool> Connection::write_all(std::string_view bytes) {
  arm(context_.options.limits.write_time);
  // The deadline may fall between two of the operations this is made of, when there is nothing to cancel.
  const auto wanted = [this](const error_code& ec, std::size_t /*sent*/) {
    return ec || timed_out_ ? std::size_t{0} : kBlockBytes;
  };
  const auto [ec, n] = co_await asio::async_write(socket_, asio::buffer(bytes), wanted, kAwait);
  disarm();
  co_return !ec && n == bytes.size();
}

asio::awaitable<Connection::Next> Connection::refuse(int status, base::Code code, std::string_view message) {
  const HttpResponse response = context_.options.refuse(status, base::Error{code, std::string(message), {}});
  co_return co_await refuse_with(response, {}, {});
}

/// An answer before the request has been read to its end, which the connection does not survive.
asio::awaitable<Connection::Next> Connection::refuse_with(const HttpResponse& response, std::string_view method,
                                                          std::string_view route) {
  Outbox::Style style;
  style.keep_alive = false;
  style.head_only = method == "HEAD";
  Outbox outbox(HttpRequest{}, style, nullptr);
  outbox.send(response);
  bool written = true;
  for (Outbox::Block block = outbox.take(kBlockBytes); written && !block.bytes.empty();
       block = outbox.take(kBlockBytes)) {
    written = co_await write_all(block.bytes);
  }
  report(outbox, method, route, written);
  co_return written ? Next::kLinger : Next::kClose;
}

/// Closing with unread bytes would send a reset, and the client might never see our answer.
asio::awaitable<void> Connection::linger() {
  error_code ec;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
  if (ec || context_.draining) co_return;
  idle_ = true;
  arm(context_.options.limits.linger_time);
  std::string sink(kReadBytes, '\0');
  for (std::size_t left = kLingerBytes; left > sink.size();) {
    const auto [read_ec, n] = co_await socket_.async_read_some(asio::buffer(sink), kAwait);
    if (read_ec) break;
    left -= n;
  }
  disarm();
}

void Connection::end_after_response() {
  if (outbox_) outbox_->set_close();
}

void Connection::close_if_idle() {
  if (idle_) close();
}

void Connection::cut() {
  if (outbox_) outbox_->mark_gone();
  close();
  wake_.cancel();
}

void Connection::arm(base::Duration after) {
  timed_out_ = false;
  deadline_.expires_after(after);
  deadline_.async_wait([weak = weak_from_this(), epoch = ++deadline_epoch_](error_code ec) {
    const auto self = weak.lock();
    if (ec || !self || epoch != self->deadline_epoch_) return;
    self->timed_out_ = true;
    error_code ignored;
    self->socket_.cancel(ignored);
  });
}

void Connection::disarm() {
  ++deadline_epoch_;
  deadline_.cancel();
}

void Connection::close() {
  waiting_since_.reset();
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

void Connection::report(const Outbox& outbox, std::string_view method, std::string_view route, bool complete) {
  if (!context_.options.on_done) return;
  Outcome outcome;
  outcome.route = route;
  outcome.method = method;
  outcome.status = outbox.status() == 0 ? 499 : outbox.status();
  outcome.body_bytes = outbox.body_bytes();
  outcome.duration = std::chrono::steady_clock::now() - head_at_;
  if (const auto first = outbox.first_byte_at()) outcome.first_byte = *first - head_at_;
  outcome.complete = complete;
  context_.options.on_done(outcome);
}

}  // namespace hearth::net
