// The client against the real server: by which names they meet, and what it says when nobody is there.

#include "net/http_client.h"

#include <gtest/gtest.h>

#include <string>

#include "net/http_server_for_test.h"

namespace hearth::net {
namespace {

class HttpClientTest : public HttpServerTest {
 protected:
  base::Result<HttpResponse> ask(const std::string& host) {
    ClientRequest request;
    request.host = host;
    request.port = port();
    request.target = "/hello";
    return fetch(request);
  }
};

TEST_F(HttpClientTest, FindsTheServerByTheHostItListensAt) {
  for (const char* host : {"localhost", "127.0.0.1", "0.0.0.0"}) {
    options_.host = host;
    start();
    const auto answer = ask(host);
    ASSERT_TRUE(answer) << host << ": " << answer.error().line();
    EXPECT_EQ(answer->body, "hello");
    server_.reset();
  }
}

TEST_F(HttpClientTest, FindsTheServerByAnIpv6Address) {
  for (const char* host : {"::1", "[::1]", "::"}) {
    options_.host = host;
    auto server = HttpServer::listen(options_);
    if (!server) GTEST_SKIP() << "no IPv6 here: " << server.error().line();
    server_ = std::move(*server);
    const auto answer = ask(host);
    ASSERT_TRUE(answer) << host << ": " << answer.error().line();
    EXPECT_EQ(answer->body, "hello");
    server_.reset();
  }
}

TEST_F(HttpClientTest, NobodyWhoListensIsUnavailable) {
  start();
  ClientRequest request;
  request.host = "localhost";
  request.port = port();
  server_.reset();
  const auto answer = fetch(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::Code::kUnavailable);
  EXPECT_NE(answer.error().message.find("localhost:"), std::string::npos);
}

TEST_F(HttpClientTest, AHostThatCannotBeIsNotFound) {
  start();
  EXPECT_EQ(ask("no host").error().code, base::Code::kNotFound);
}

TEST_F(HttpClientTest, AReaderThatStopsIsToldSo) {
  start();
  ClientRequest request;
  request.port = port();
  request.target = "/flood";
  EXPECT_EQ(fetch(request, [](std::string_view) { return Flow::kStop; }).error().code, base::Code::kCancelled);
  wait_for_stopped(1);
}

TEST_F(HttpClientTest, AFormArrivesWithItsFieldsAndItsFile) {
  start();
  ClientRequest request;
  request.port = port();
  request.target = "/echo";
  const std::string bytes("\0\r\n--hearth-\r\n\xff", 15);
  set_form(request, {{"model", "one"}, {"prompt", "two words"}}, {"tone.wav", "audio/wav", bytes});
  EXPECT_EQ(request.method, "POST");
  const std::string type = *request.headers.find("Content-Type");
  const std::string begin = "multipart/form-data; boundary=";
  ASSERT_TRUE(type.starts_with(begin)) << type;
  const std::string line = "--" + type.substr(begin.size());
  const auto answer = fetch(request);
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->body, line + "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\none\r\n" + line +
                              "\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\ntwo words\r\n" + line +
                              "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"tone.wav\"" +
                              "\r\nContent-Type: audio/wav\r\n\r\n" + bytes + "\r\n" + line + "--\r\n");
}

}  // namespace
}  // namespace hearth::net
