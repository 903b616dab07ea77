#pragma once

// Inside net/ only. What must never end while a server lives: taking connections, and running its I/O. I/O thread, but
// for what is done before that one runs.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <exception>
#include <functional>
#include <string_view>

#include "base/seldom.h"
#include "base/units.h"

namespace hearth::net {

/// Takes what connects to a listening socket, one after another, until it is closed. What goes wrong with one (there is
/// no descriptor or no memory for it, `take` throws) is logged, once a minute at most; after `pause` the next is taken.
class AcceptLoop {
 public:
  using Take = std::function<void(boost::asio::ip::tcp::socket)>;
  /// `on_end` is called once after close(), when nothing of the loop runs any more.
  AcceptLoop(boost::asio::io_context& io, Take take, std::function<void()> on_end, base::Duration pause);
  AcceptLoop(const AcceptLoop&) = delete;
  AcceptLoop& operator=(const AcceptLoop&) = delete;
  /// To be opened, bound and told to listen before start().
  [[nodiscard]] boost::asio::ip::tcp::acceptor& acceptor() { return acceptor_; }
  void start();
  void close();
  /// From start() to on_end.
  [[nodiscard]] bool is_running() const { return is_running_; }

 private:
  boost::asio::awaitable<void> run();
  /// Whether it was taken.
  bool try_take(const boost::system::error_code& ec, boost::asio::ip::tcp::socket socket);
  void on_stopped(const std::exception_ptr& thrown);
  void complain(std::string_view why);
  boost::asio::io_context& io_;
  const Take take_;
  const std::function<void()> on_end_;
  const base::Duration pause_time_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  base::Seldom complaint_{base::Millis{60'000}};
  bool is_running_ = false;
};

/// Runs all that `io` has to do. What a handler throws is logged, and ends that handler alone.
void run_io(boost::asio::io_context& io);

}  // namespace hearth::net
