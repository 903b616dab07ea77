// Requests in, responses out; and how a server begins.

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "net/http_server_for_test.h"

namespace hearth::net {
namespace {

/// By the kernel's own account: to ask the descriptor itself would race with the thread that may close it.
bool closes_on_exec(int fd) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(fd));
  for (std::string word; info >> word;) {
    if (word == "flags:" && info >> word) return (std::stoul(word, nullptr, 8) & O_CLOEXEC) != 0;
  }
  return false;
}

/// This process's sockets.
std::set<int> open_sockets() {
  std::set<int> sockets;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string what = std::filesystem::read_symlink(entry.path(), gone).string();
    if (what.starts_with("socket:")) sockets.insert(std::stoi(entry.path().filename().string()));
  }
  return sockets;
}

TEST_F(HttpServerTest, AnswersManyRequestsOnOneConnection) {
  start();
  Client client(port());
  for (int i = 0; i < 3; ++i) {
    const std::string response = client.ask("/hello");
    EXPECT_EQ(status_of(response), 200);
    EXPECT_TRUE(response.ends_with("\r\n\r\nhello"));
  }
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  Client client(port());
  client.say(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfirst"
      "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlast\r\n0\r\n\r\n");
  EXPECT_TRUE(client.hear_response().ends_with("first"));
  EXPECT_TRUE(client.hear_response().ends_with("hello"));
  EXPECT_TRUE(client.hear_response().ends_with("last"));
}

TEST_F(HttpServerTest, ARequestThatComesDuringALongResponseIsAnsweredAfterIt) {
  start();
  Client client(port());
  client.say("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_for_waiting(1);
  client.say("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  release();
  EXPECT_TRUE(client.hear_response().ends_with("released"));
  EXPECT_TRUE(client.hear_response().ends_with("hello"));
}

TEST_F(HttpServerTest, ClosesWhenTheClientAsksForIt) {
  start();
  Client client(port());
  client.say("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string response = client.hear_all();
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
  Client old(port());
  old.say("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.hear_all().ends_with("hello"));
}

TEST_F(HttpServerTest, HeadGetsNoBody) {
  start();
  Client client(port());
  client.say("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string response = client.hear_all();
  EXPECT_NE(response.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(response.ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, AShortAnswerReachesAClientThatClosedItsSide) {
  start();
  Client client(port());
  client.say("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  client.finish();
  EXPECT_TRUE(client.hear_all().ends_with("hello"));
}

TEST_F(HttpServerTest, InvitesABodyThatWaitsForItsInvitation) {
  start();
  Client client(port());
  client.say("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.hear_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.say("body");
  EXPECT_TRUE(client.hear_response().ends_with("body"));
  client.say("POST /nowhere HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(status_of(client.hear_response()), 404);
}

TEST_F(HttpServerTest, AHandlerThatThrowsOrForgetsGives500) {
  start();
  Client client(port());
  EXPECT_EQ(status_of(client.ask("/throws")), 500);
  EXPECT_EQ(status_of(client.ask("/hello")), 200);
}

TEST_F(HttpServerTest, AHalfWrittenBodyIsCutNotEnded) {
  start();
  Client client(port());
  client.say("GET /half HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string response = client.hear_all();
  EXPECT_NE(response.find("4\r\nhalf\r\n"), std::string::npos);
  EXPECT_EQ(response.find("0\r\n\r\n"), std::string::npos);
}

TEST_F(HttpServerTest, APortInUseIsSaidInOneLine) {
  start();
  options_.port = port();
  const auto second = HttpServer::listen(options_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Code::kConflict);
  EXPECT_EQ(second.error().line(), "port " + std::to_string(port()) +
                                       " on 127.0.0.1 is in use; stop the other program or choose another with --port");
}

TEST_F(HttpServerTest, AnImpossibleHostIsAnError) {
  options_.host = "256.1.1.1.invalid";
  const auto server = HttpServer::listen(options_);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, base::Code::kInvalidArgument);
}

TEST_F(HttpServerTest, ChildProgramsInheritNoSocket) {
  const std::set<int> before = open_sockets();
  start();
  Client client(port());
  EXPECT_EQ(status_of(client.ask("/hello")), 200);
  int ours = 0;
  for (const int fd : open_sockets()) {
    if (before.contains(fd)) continue;
    ++ours;
    EXPECT_TRUE(closes_on_exec(fd)) << fd;
  }
  EXPECT_EQ(ours, 3);  // the listening one, the client's and the server's end
}

TEST_F(HttpServerTest, TellsHowAResponseWent) {
  start();
  {
    Client client(port());
    client.say("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    client.hear_response();
  }
  wait_for([&] { return !outcomes_.empty(); });
  EXPECT_EQ(outcomes_[0].route, "test");
  EXPECT_EQ(outcomes_[0].status, 200);
  EXPECT_EQ(outcomes_[0].body_bytes, 5U);
  EXPECT_TRUE(outcomes_[0].complete);
  ASSERT_TRUE(outcomes_[0].first_byte);
  EXPECT_LE(*outcomes_[0].first_byte, outcomes_[0].duration);
}

}  // namespace
}  // namespace hearth::net
