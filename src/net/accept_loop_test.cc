#include "net/accept_loop.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hearth::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// A loop on the test's own thread, and clients that the kernel connects whether they are taken or not.
class AcceptLoopTest : public ::testing::Test {
 protected:
  /// `take` is told how many have come, this one counted.
  void start(std::function<void(int)> take) {
    loop_ = std::make_unique<AcceptLoop>(
        io_, [this, take = std::move(take)](tcp::socket) { take(++taken_); }, [this] { ++ends_; }, base::Millis{1});
    tcp::acceptor& acceptor = loop_->acceptor();
    acceptor.open(tcp::v4());
    acceptor.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    acceptor.listen();
    loop_->start();
  }
  void connect() { clients_.emplace_back(io_).connect(loop_->acceptor().local_endpoint()); }

  asio::io_context io_{1};
  std::unique_ptr<AcceptLoop> loop_;
  std::vector<tcp::socket> clients_;
  int taken_ = 0;
  int ends_ = 0;
};

TEST_F(AcceptLoopTest, WhatOneConnectionThrowsEndsThatOneAlone) {
  start([this](int number) {
    if (number == 1) throw std::runtime_error("odd");
    loop_->close();
  });
  connect();
  connect();
  io_.run();
  EXPECT_EQ(taken_, 2);
  EXPECT_EQ(ends_, 1);
  EXPECT_FALSE(loop_->is_running());
}

TEST_F(AcceptLoopTest, AFullTableOfFilesIsWaitedOut) {
  start([this](int) { loop_->close(); });
  connect();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = ::dup(STDERR_FILENO);  // the lowest that is free
  ASSERT_GE(next, 0);
  ::close(next);
  const rlimit full{static_cast<rlim_t>(next), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &full), 0);
  io_.poll();
  const int taken_while_full = taken_;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  io_.run();
  EXPECT_EQ(taken_while_full, 0);
  EXPECT_EQ(taken_, 1);
  EXPECT_EQ(ends_, 1);
}

TEST_F(AcceptLoopTest, ClosingEndsItWhileItWaits) {
  start([](int) {});
  io_.poll();
  EXPECT_TRUE(loop_->is_running());
  loop_->close();
  io_.run();
  EXPECT_EQ(taken_, 0);
  EXPECT_EQ(ends_, 1);
}

TEST(RunIo, WhatAHandlerThrowsEndsThatHandlerAlone) {
  asio::io_context io{1};
  bool ran = false;
  asio::post(io, [] { throw std::runtime_error("odd"); });
  asio::post(io, [&] { ran = true; });
  run_io(io);
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace hearth::net
