#include "net/http_client.h"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <utility>

namespace hearth::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using base::Code;
using base::fail;

struct Ended {
  base::Error error;
};

asio::awaitable<HttpResponse> exchange(const ClientRequest& request, const BodySink& sink) {
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  stream.expires_after(request.connect_time);
  co_await stream.async_connect(asio::ip::tcp::endpoint(asio::ip::make_address(request.host), request.port),
                                asio::use_awaitable);
  stream.socket().set_option(asio::ip::tcp::no_delay(true));

  http::request<http::string_body> message(http::string_to_verb(request.method), request.target, 11);
  const bool v6 = request.host.find(':') != std::string::npos;
  message.set(http::field::host, (v6 ? "[" + request.host + "]" : request.host) + ":" + std::to_string(request.port));
  message.set(http::field::connection, "close");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  message.body() = request.body;
  message.prepare_payload();
  stream.expires_after(request.silence_time);
  co_await http::async_write(stream, message, asio::use_awaitable);

  beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  co_await http::async_read_header(stream, buffer, parser, asio::use_awaitable);
  HttpResponse response;
  response.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    response.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  char block[16 << 10];
  while (!parser.is_done()) {
    parser.get().body().data = block;
    parser.get().body().size = sizeof block;
    stream.expires_after(request.silence_time);
    beast::error_code ec;
    co_await http::async_read_some(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, ec));
    if (ec && ec != http::error::need_buffer) throw beast::system_error(ec);
    const std::string_view bytes(block, sizeof block - parser.get().body().size);
    if (sink && response.status == 200) {
      if (!bytes.empty() && sink(bytes) == Flow::kStop) throw Ended{{Code::kCancelled, "stopped by its reader", {}}};
    } else {
      if (response.body.size() + bytes.size() > request.most_body_bytes) {
        throw Ended{{Code::kExhausted, "the response is too large", {}}};
      }
      response.body.append(bytes);
    }
  }
  co_return response;
}

}  // namespace

base::Result<HttpResponse> fetch(const ClientRequest& request, const BodySink& sink) {
  asio::io_context io(1);
  HttpResponse response;
  std::exception_ptr thrown;
  asio::co_spawn(io, exchange(request, sink), [&](std::exception_ptr error, HttpResponse got) {
    thrown = std::move(error);
    response = std::move(got);
  });
  io.run();
  if (!thrown) return response;
  const std::string where = request.host + ":" + std::to_string(request.port);
  try {
    std::rethrow_exception(thrown);
  } catch (const Ended& ended) {
    return fail(ended.error);
  } catch (const beast::system_error& error) {
    if (error.code() == asio::error::connection_refused) return fail(Code::kUnavailable, "nobody listens on " + where);
    if (error.code() == beast::error::timeout) return fail(Code::kTimedOut, where + " did not answer in time");
    return fail(Code::kIo, where + ": " + error.code().message());
  } catch (const std::exception& error) {
    return fail(Code::kIo, where + ": " + error.what());
  }
}

}  // namespace hearth::net
