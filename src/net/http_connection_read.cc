// The half of a connection that reads requests; the only file that knows Beast's parser.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "net/http_connection.h"

namespace hearth::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr int kClientLeft = 499;

bool is_token_start(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

/// Two lengths, or a length and chunks, are how requests are smuggled past a proxy.
bool has_doubtful_length(const Headers& headers) {
  const std::size_t lengths = headers.count("Content-Length");
  const std::size_t codings = headers.count("Transfer-Encoding");
  return lengths + codings > 1;
}

}  // namespace

struct Connection::Incoming {  // what is known of the request that is being read
  http::request_parser<http::string_body> parser;
  HttpRequest request;
  Outbox::Style style;  // as far as the request's version and headers decide it
  bool expects_continue = false;
};

asio::awaitable<Connection::Next> Connection::serve_one() {
  const bool has_come = co_await wait_for_request();
  if (!has_come) co_return Next::kClose;
  head_at_ = std::chrono::steady_clock::now();
  Incoming incoming;
  const int status = co_await read_header(incoming);
  switch (status) {
    case 0:
      head_at_ = std::chrono::steady_clock::now();
      co_return co_await read_and_answer(incoming);
    case kClientLeft:
      co_return Next::kClose;
    case 408:
      co_return co_await refuse(status, base::Code::kTimedOut, "the request's header took too long to arrive");
    case 414:
      co_return co_await refuse(status, base::Code::kInvalidArgument, "the request's address is too long");
    case 431:
      co_return co_await refuse(status, base::Code::kInvalidArgument, "the request's headers are too large");
    case 505:
      co_return co_await refuse(status, base::Code::kInvalidArgument, "only HTTP/1.0 and HTTP/1.1 are spoken");
    default:
      co_return co_await refuse(400, base::Code::kInvalidArgument, "the request is not valid HTTP");
  }
}

/// 0, a status to refuse with, or kClientLeft. Collects the header whole before it is parsed: Beast's own limit counts
/// only what it has not consumed yet, so that endless short fields would pass it.
asio::awaitable<int> Connection::read_header(Incoming& incoming) {
  const auto& limits = context_.options.limits;
  std::string_view bytes;
  arm(limits.header_time);
  for (;;) {
    bytes = {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
    if (bytes.starts_with("\r\n")) {  // some clients end a body with one line too many
      buffer_.consume(2);
      continue;
    }
    if (!bytes.empty() && !is_token_start(bytes[0])) break;  // TLS, most likely
    if (bytes.find("\r\n\r\n") < limits.header_bytes) break;
    if (bytes.size() >= limits.header_bytes) {
      disarm();
      co_return bytes.find("\r\n") == std::string_view::npos ? 414 : 431;
    }
    const auto [ec, n] = co_await socket_.async_read_some(buffer_.prepare(kReadBytes), kAwait);
    if (timed_out_) co_return 408;
    if (ec) {
      disarm();
      co_return kClientLeft;
    }
    buffer_.commit(n);
  }
  disarm();
  error_code ec;
  incoming.parser.body_limit(boost::none);
  incoming.parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes + 4));
  buffer_.consume(incoming.parser.put(buffer_.data(), ec));
  if (ec == http::error::bad_version) co_return 505;
  co_return ec || !incoming.parser.is_header_done() ? 400 : 0;
}

asio::awaitable<bool> Connection::wait_for_request() {
  if (buffer_.size() > 0) co_return true;
  if (context_.draining) co_return false;
  idle_ = true;
  waiting_since_ = std::chrono::steady_clock::now();
  arm(context_.options.limits.idle_time);
  const auto [ec, n] = co_await socket_.async_read_some(buffer_.prepare(kReadBytes), kAwait);
  disarm();
  idle_ = false;
  waiting_since_.reset();
  if (ec) co_return false;
  buffer_.commit(n);
  co_return true;
}

asio::awaitable<Connection::Next> Connection::read_and_answer(Incoming& incoming) {
  const auto& limits = context_.options.limits;
  const auto& message = incoming.parser.get();
  incoming.style.http_1_0 = message.version() == 10;
  incoming.style.keep_alive = message.keep_alive();
  HttpRequest& request = incoming.request;
  request.method = std::string(message.method_string());
  for (const auto& field : message) request.headers.add(std::string(field.name_string()), std::string(field.value()));

  if (message.target().size() > limits.target_bytes) {
    co_return co_await refuse(414, base::Code::kInvalidArgument, "the request's address is too long");
  }
  if (request.headers.size() > limits.header_count) {
    co_return co_await refuse(431, base::Code::kInvalidArgument, "the request has too many headers");
  }
  const std::size_t hosts = request.headers.count("Host");
  if (hosts > 1 || (hosts == 0 && !incoming.style.http_1_0)) {
    co_return co_await refuse(400, base::Code::kInvalidArgument, "the request must have one Host header");
  }
  if (request.method.size() > 32 || has_doubtful_length(request.headers) ||
      !set_target(request, std::string_view(message.target().data(), message.target().size()))) {
    co_return co_await refuse(400, base::Code::kInvalidArgument, "the request is not valid HTTP");
  }
  if (const std::string* expect = request.headers.find("Expect")) {
    if (!equal_ignoring_case(*expect, "100-continue")) {
      co_return co_await refuse(417, base::Code::kInvalidArgument, "only 'Expect: 100-continue' is understood");
    }
    incoming.expects_continue = !incoming.style.http_1_0;
  }

  const Plan plan = context_.options.plan(request);
  if (plan.refusal) {
    const bool has_body = !incoming.parser.is_done();
    if (has_body) co_return co_await refuse_with(*plan.refusal, request.method, plan.route);
    Plan answer_at_once;
    answer_at_once.route = plan.route;
    answer_at_once.run = [&plan](const std::shared_ptr<Exchange>& exchange) { exchange->send(*plan.refusal); };
    co_return co_await answer(request, incoming.style, answer_at_once);
  }
  const int body_status = co_await read_body(incoming, plan.body_limit);
  if (body_status == 408)
    co_return co_await refuse(408, base::Code::kTimedOut, "the request's body took too long to arrive");
  if (body_status == 413) {
    const std::string too_large = "the request's body is larger than " + std::to_string(plan.body_limit) + " bytes";
    co_return co_await refuse(413, base::Code::kInvalidArgument, too_large);
  }
  if (body_status == 400)
    co_return co_await refuse(400, base::Code::kInvalidArgument, "the request's body is not valid HTTP");
  if (body_status != 0) co_return Next::kClose;
  request.body = std::move(incoming.parser.get().body());
  co_return co_await answer(request, incoming.style, plan);
}

/// 0: read; a status to refuse with; or kClientLeft.
asio::awaitable<int> Connection::read_body(Incoming& incoming, std::size_t limit) {
  auto& parser = incoming.parser;
  if (parser.content_length() && *parser.content_length() > limit) co_return 413;
  if (parser.is_done()) co_return 0;
  parser.body_limit(limit);
  if (incoming.expects_continue && buffer_.size() == 0) {
    const bool written = co_await write_all("HTTP/1.1 100 Continue\r\n\r\n");
    if (!written) co_return kClientLeft;
  }
  const auto& limits = context_.options.limits;
  const auto& http_category = error_code(http::error::body_limit).category();
  const base::Instant began = std::chrono::steady_clock::now();
  while (!parser.is_done()) {
    const auto earned = base::Millis(parser.get().body().size() * 1000 / limits.body_bytes_per_second);
    arm(began + limits.body_time + earned - std::chrono::steady_clock::now());
    const auto [ec, n] = co_await http::async_read_some(socket_, buffer_, parser, kAwait);
    disarm();
    if (timed_out_) co_return 408;
    if (ec == http::error::body_limit) co_return 413;
    if (ec && ec != http::error::partial_message && ec.category() == http_category) co_return 400;
    if (ec) co_return kClientLeft;
  }
  co_return 0;
}

}  // namespace hearth::net
