#include "net/http_client.h"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <exception>
#include <random>
#include <utility>

#include "net/resolve.h"

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

/// Where to connect to, by when, and what the server is called.
struct Destination {
  std::vector<asio::ip::tcp::endpoint> endpoints;
  base::Instant connect_by;
  std::string authority;
};

base::Result<Destination> find_destination(const ClientRequest& request) {
  const std::string host = reachable_host(request.host);
  Destination to{{}, std::chrono::steady_clock::now() + request.connect_time, authority(host, request.port)};
  const auto addresses = resolve(host, request.connect_time);
  if (!addresses) return fail(addresses.error());
  for (const std::string& address : *addresses) {
    beast::error_code ec;
    const auto known = asio::ip::make_address(address, ec);
    if (!ec) to.endpoints.emplace_back(known, request.port);
  }
  return to;
}

/// A line that the file does not have.
std::string make_boundary(std::string_view file) {
  std::random_device random;
  for (;;) {
    std::string boundary = "hearth-" + std::to_string(random()) + "-" + std::to_string(random());
    if (file.find(boundary) == std::string_view::npos) return boundary;
  }
}

asio::awaitable<HttpResponse> exchange(const ClientRequest& request, const Destination& to, const BodySink& sink) {
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  stream.expires_at(to.connect_by);
  co_await stream.async_connect(to.endpoints, asio::use_awaitable);
  stream.socket().set_option(asio::ip::tcp::no_delay(true));

  http::request<http::string_body> message(http::string_to_verb(request.method), request.target, 11);
  message.set(http::field::host, to.authority);
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

void set_form(ClientRequest& request, const std::vector<FormField>& fields, const FormFile& file) {
  const std::string boundary = make_boundary(file.bytes);
  std::string body;
  body.reserve(file.bytes.size() + 2048);
  const auto begin_part = [&](std::string_view name) {
    body.append("--").append(boundary).append("\r\nContent-Disposition: form-data; name=\"").append(name).append("\"");
  };
  for (const FormField& field : fields) {
    begin_part(field.name);
    body.append("\r\n\r\n").append(field.value).append("\r\n");
  }
  begin_part("file");
  body.append("; filename=\"").append(file.name).append("\"");
  if (!file.type.empty()) body.append("\r\nContent-Type: ").append(file.type);
  body.append("\r\n\r\n").append(file.bytes).append("\r\n--").append(boundary).append("--\r\n");
  request.method = "POST";
  request.headers.set("Content-Type", "multipart/form-data; boundary=" + boundary);
  request.body = std::move(body);
}

base::Result<HttpResponse> fetch(const ClientRequest& request, const BodySink& sink) {
  const auto to = find_destination(request);
  if (!to) return fail(to.error());
  asio::io_context io(1);
  HttpResponse response;
  std::exception_ptr thrown;
  asio::co_spawn(io, exchange(request, *to, sink), [&](std::exception_ptr error, HttpResponse got) {
    thrown = std::move(error);
    response = std::move(got);
  });
  io.run();
  if (!thrown) return response;
  const std::string& where = to->authority;
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
