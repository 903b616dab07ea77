// What a server does not put up with: too much, too slow, too many, not HTTP.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/http_server_for_test.h"

namespace hearth::net {
namespace {

struct HostileCase {
  const char* name;
  std::string bytes;
  int status;
};

TEST_F(HttpServerTest, RefusesWhatIsTooLargeOrNotHttp) {
  start();
  std::string many = "GET /hello HTTP/1.1\r\nHost: x\r\n";
  std::string endless;
  for (int i = 0; i < 4000; ++i) endless += "X: y12345\r\n";
  for (int i = 0; i < 200; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  const std::vector<HostileCase> cases = {
      {"long target", "GET /" + std::string(40'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
      {"long target within the header limit", "GET /" + std::string(6'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
      {"one long header", "GET /hello HTTP/1.1\r\nHost: x\r\nX: " + std::string(40'000, 'a') + "\r\n\r\n", 431},
      {"header flood", many + "\r\n", 431},
      {"endless headers", "GET /hello HTTP/1.1\r\nHost: x\r\n" + endless, 431},
      {"declared body too large", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n", 413},
      {"declared body absurd", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551615\r\n\r\n", 413},
      {"chunked body too large",
       "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1ffff\r\n" + std::string(0x1ffff, 'a'),
       413},
      {"chunk of absurd size",
       "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", 413},
      {"chunk that is no number", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"two lengths", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody", 400},
      {"length and chunks",
       "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"negative length", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
      {"not HTTP", "\x16\x03\x01\x02\x01\x01\r\n\r\n", 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"target that is no path", "GET hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"NUL in the path", "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"no Host", "GET /hello HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
      {"unknown expectation", "GET /hello HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 417},
  };
  for (const HostileCase& hostile : cases) {
    Client client(port());
    client.say(hostile.bytes);
    EXPECT_EQ(status_of(client.hear_response()), hostile.status) << hostile.name;
  }
  Client client(port());
  EXPECT_EQ(status_of(client.ask("/hello")), 200);
}

TEST_F(HttpServerTest, ARefusedUploadStillReadsItsAnswer) {
  start();
  Client client(port());
  client.say("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n");
  client.say(std::string(4'000'000, 'a'));
  EXPECT_EQ(status_of(client.hear_response()), 413);
}

TEST_F(HttpServerTest, ASlowSenderIsToldSo) {
  options_.limits.header_time = base::Millis{30};
  options_.limits.body_time = base::Millis{30};
  options_.limits.linger_time = base::Millis{30};
  start();
  Client header(port());
  header.say("GET /hello HTTP/1.1\r\nHo");
  EXPECT_EQ(status_of(header.hear_all()), 408);
  Client body(port());
  body.say("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab");
  EXPECT_EQ(status_of(body.hear_all()), 408);
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  options_.limits.idle_time = base::Millis{30};
  start();
  Client client(port());
  EXPECT_EQ(client.hear_all(), "");
}

TEST_F(HttpServerTest, BeyondItsConnectionsItSaysSo) {
  options_.limits.connections = 2;
  start();
  Client first(port());
  Client second(port());
  first.say("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  second.say("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_for_waiting(2);
  Client third(port());
  EXPECT_EQ(status_of(third.hear_response()), 503);
  release();
  EXPECT_EQ(status_of(first.hear_response()), 200);
  EXPECT_EQ(status_of(second.hear_response()), 200);
}

TEST_F(HttpServerTest, OneThatHasBeenIdleForLongestMakesRoomForOneThatAsks) {
  options_.limits.connections = 2;
  start();
  Client first(port());
  Client second(port());
  EXPECT_EQ(status_of(first.ask("/hello")), 200);
  EXPECT_EQ(status_of(second.ask("/hello")), 200);
  EXPECT_EQ(status_of(first.ask("/hello")), 200);
  Client third(port());
  EXPECT_EQ(status_of(third.ask("/hello")), 200);
  EXPECT_EQ(second.hear_all(), "") << "it had said nothing for longer";
  EXPECT_EQ(status_of(first.ask("/hello")), 200);
}

TEST_F(HttpServerTest, SilentSocketsDoNotKeepAProbeAway) {
  options_.limits.connections = 8;
  start();
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<Client>(port()));
  Client probe(port());
  EXPECT_EQ(status_of(probe.ask("/hello")), 200);
}

}  // namespace
}  // namespace hearth::net
