// Clients that leave or stall, and the server that stops.

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/http_server_for_test.h"

namespace hearth::net {
namespace {

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

}  // namespace
}  // namespace hearth::net
