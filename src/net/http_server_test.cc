#include "net/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace hearth::net {
namespace {

/// A client that does exactly what a test says, byte by byte.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { leave(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  [[nodiscard]] bool connected() const { return connected_; }
  void leave() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void finish() { ::shutdown(fd_, SHUT_WR); }
  bool say(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  /// Until `end` has come, or the server closed.
  std::string hear_until(std::string_view end) {
    std::size_t found;
    while ((found = heard_.find(end)) == std::string::npos) {
      if (!hear_more()) return std::exchange(heard_, {});
    }
    std::string result = heard_.substr(0, found + end.size());
    heard_.erase(0, found + end.size());
    return result;
  }
  std::string hear_all() {
    while (hear_more()) {
    }
    return std::exchange(heard_, {});
  }
  /// One response with a Content-Length.
  std::string hear_response() {
    std::string head = hear_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    if (at == std::string::npos) return head;
    const std::size_t length = std::stoul(head.substr(at + 16));
    while (heard_.size() < length && hear_more()) {
    }
    head += heard_.substr(0, length);
    heard_.erase(0, std::min(length, heard_.size()));
    return head;
  }
  std::string ask(const std::string& target) {
    return say("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"), hear_response();
  }

 private:
  bool hear_more() {
    char buffer[16384];
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    heard_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }
  int fd_;
  bool connected_ = false;
  std::string heard_;
};

int status_of(const std::string& response) {
  return response.starts_with("HTTP/1.1 ") ? std::stoi(response.substr(9, 3)) : 0;
}

/// A server with a few routes, and a record of how its responses went.
class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.port = 0;
    options_.plan = [this](const HttpRequest& head) { return plan(head); };
    options_.on_done = [this](const Outcome& outcome) {
      const base::MutexLock lock(mutex_);
      outcomes_.push_back(outcome);
      outcomes_.back().method = {};
      changed_.notify_all();
    };
  }
  void TearDown() override { server_.reset(); }

  void start() {
    auto server = HttpServer::listen(options_);
    ASSERT_TRUE(server) << server.error().line();
    server_ = std::move(*server);
  }
  std::uint16_t port() const { return server_->port(); }

  Plan plan(const HttpRequest& head) {
    Plan plan;
    plan.route = "test";
    plan.body_limit = 100'000;
    if (head.path == "/hello") {
      plan.run = [](const std::shared_ptr<Exchange>& exchange) { exchange->send({200, {}, "hello"}); };
    } else if (head.path == "/echo") {
      plan.executor = &pool_;
      plan.run = [](const std::shared_ptr<Exchange>& exchange) { exchange->send({200, {}, exchange->request().body}); };
    } else if (head.path == "/flood") {
      plan.executor = &pool_;
      plan.run = [this](const std::shared_ptr<Exchange>& exchange) {
        exchange->begin(200, {});
        const std::string block(8192, 'x');
        while (exchange->write(block) == Flow::kContinue) {
        }
        note_stopped();
      };
    } else if (head.path == "/wait") {  // answers nothing until the client leaves or the test releases it
      plan.executor = &pool_;
      plan.run = [this](const std::shared_ptr<Exchange>& exchange) {
        const std::stop_callback wake(exchange->stop_token(), [this] {
          const base::MutexLock woken(mutex_);
          changed_.notify_all();
        });
        const base::MutexLock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        while (!released_ && !exchange->stop_token().stop_requested()) {
          changed_.wait(mutex_);
        }
        if (exchange->stop_token().stop_requested()) {
          ++stopped_;
          changed_.notify_all();
        } else {
          exchange->send({200, {}, "released"});
        }
      };
    } else if (head.path == "/throws") {
      plan.run = [](const std::shared_ptr<Exchange>&) { throw std::runtime_error("a bug"); };
    } else if (head.path == "/half") {
      plan.executor = &pool_;
      plan.run = [](const std::shared_ptr<Exchange>& exchange) {
        exchange->begin(200, {});
        exchange->write("half");
      };
    } else {
      plan.refusal = HttpResponse{404, {}, "no such thing"};
    }
    return plan;
  }
  void note_stopped() {
    const base::MutexLock lock(mutex_);
    ++stopped_;
    changed_.notify_all();
  }
  template <typename Condition>
  void wait_for(Condition condition) {
    base::MutexLock lock(mutex_);
    while (!condition()) changed_.wait(mutex_);
  }
  void wait_for_stopped(int n) {
    wait_for([&] { return stopped_ >= n; });
  }
  void wait_for_waiting(int n) {
    wait_for([&] { return waiting_ >= n; });
  }
  void release() {
    const base::MutexLock lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  int stopped_ = 0;
  int waiting_ = 0;
  bool released_ = false;
  std::vector<Outcome> outcomes_;
  HttpServerOptions options_;
  base::ThreadPool pool_{"test-engine", 20};
  std::unique_ptr<HttpServer> server_;
};

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

TEST_F(HttpServerTest, AClientThatLeavesBeforeTheFirstByteStopsTheWork) {
  start();
  Client client(port());
  client.say("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_for_waiting(1);
  client.leave();
  wait_for_stopped(1);
  wait_for([&] { return outcomes_.size() == 1; });
  EXPECT_EQ(outcomes_[0].status, 499);
  EXPECT_FALSE(outcomes_[0].complete);
}

TEST_F(HttpServerTest, AClientThatLeavesAmidABodyStopsTheWriter) {
  start();
  Client client(port());
  client.say("GET /flood HTTP/1.1\r\nHost: x\r\n\r\n");
  client.hear_until("xxxx");
  client.leave();
  wait_for_stopped(1);
}

TEST_F(HttpServerTest, AStalledReaderIsCutAfterTheLimit) {
  options_.limits.write_time = base::Millis{50};
  options_.limits.buffered_bytes = 64 << 10;
  start();
  Client client(port(), 4096);
  client.say("GET /flood HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_for_stopped(1);
}

TEST_F(HttpServerTest, SixteenStalledReadersDoNotHoldUpOthers) {
  options_.limits.buffered_bytes = 64 << 10;
  start();
  std::vector<std::unique_ptr<Client>> stalled;
  for (int i = 0; i < 16; ++i) {
    stalled.push_back(std::make_unique<Client>(port(), 4096));
    stalled.back()->say("GET /flood HTTP/1.1\r\nHost: x\r\n\r\n");
    stalled.back()->hear_until("xxxx");
  }
  Client client(port());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(status_of(client.ask("/hello")), 200);
  stalled.clear();
  wait_for_stopped(16);
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

TEST_F(HttpServerTest, BeyondItsConnectionsItSaysSo) {
  options_.limits.connections = 2;
  start();
  Client first(port());
  Client second(port());
  EXPECT_EQ(status_of(first.ask("/hello")), 200);
  EXPECT_EQ(status_of(second.ask("/hello")), 200);
  Client third(port());
  EXPECT_EQ(status_of(third.hear_response()), 503);
  EXPECT_EQ(status_of(first.ask("/hello")), 200);
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

TEST_F(HttpServerTest, StoppingLetsARunningResponseEndAndClosesTheRest) {
  start();
  Client idle(port());
  EXPECT_EQ(status_of(idle.ask("/hello")), 200);
  Client busy(port());
  busy.say("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_for_waiting(1);
  std::thread stopper([&] { EXPECT_TRUE(server_->stop(base::Millis{60'000})); });
  EXPECT_EQ(idle.hear_all(), "");
  release();
  const std::string response = busy.hear_all();
  EXPECT_TRUE(response.ends_with("released"));
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
  stopper.join();
  EXPECT_FALSE(Client(port()).connected());
}

TEST_F(HttpServerTest, StoppingCutsWhatDoesNotEndInTime) {
  start();
  Client busy(port());
  busy.say("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_for_waiting(1);
  EXPECT_FALSE(server_->stop(base::Millis{1}));
  wait_for_stopped(1);
  EXPECT_EQ(busy.hear_all(), "");
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(HttpServerTest, AnExchangeMayOutliveTheServer) {
  std::shared_ptr<Exchange> kept;
  std::latch taken(1);
  options_.plan = [&](const HttpRequest&) {
    Plan plan;
    plan.run = [&](std::shared_ptr<Exchange> exchange) {
      kept = std::move(exchange);
      taken.count_down();
    };
    return plan;
  };
  start();
  Client client(port());
  client.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  taken.wait();
  server_.reset();
  EXPECT_TRUE(kept->stop_token().stop_requested());
  EXPECT_EQ(kept->begin(200, {}), Flow::kStop);
  kept.reset();
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
