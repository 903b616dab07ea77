#include "net/accept_loop.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/thread_pool.h"

namespace hearth::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
}

AcceptLoop::AcceptLoop(asio::io_context& io, Take take, std::function<void()> on_end, base::Duration pause)
    : io_(io), take_(std::move(take)), on_end_(std::move(on_end)), pause_time_(pause), acceptor_(io), pause_(io) {}

void AcceptLoop::start() {
  asio::co_spawn(io_, run(), [this](const std::exception_ptr& thrown) { on_stopped(thrown); });
  is_running_ = true;
}

void AcceptLoop::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

asio::awaitable<void> AcceptLoop::run() {
  while (acceptor_.is_open()) {
    auto [ec, socket] = co_await acceptor_.async_accept(kAwait);
    if (!acceptor_.is_open()) break;
    if (try_take(ec, std::move(socket))) continue;
    pause_.expires_after(pause_time_);
    co_await pause_.async_wait(kAwait);
  }
}

bool AcceptLoop::try_take(const error_code& ec, tcp::socket socket) try {
  if (ec) {
    complain(ec.message());
  } else {
    take_(std::move(socket));
  }
  return !ec;
} catch (const std::exception& error) {
  complain(error.what());
  return false;
}

void AcceptLoop::on_stopped(const std::exception_ptr& thrown) {
  is_running_ = false;
  if (!acceptor_.is_open()) return on_end_();
  // Before its time only an exception ends it: there was no memory to wait with.
  base::run_guarded("accept", [&thrown] {
    if (thrown) std::rethrow_exception(thrown);
  });
  start();
}

void AcceptLoop::complain(std::string_view why) {
  if (complaint_.is_due(std::chrono::steady_clock::now())) base::log_warning("accept: {}", why);
}

void run_io(asio::io_context& io) {
  for (bool is_done = false; !is_done;) {
    base::run_guarded("hearth-http", [&] {
      io.run();
      is_done = true;
    });
  }
}

}  // namespace hearth::net
