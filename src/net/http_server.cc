#include "net/http_server.h"

#include <fcntl.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <set>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "base/thread_pool.h"
#include "net/accept_loop.h"
#include "net/descriptors.h"
#include "net/http_connection.h"
#include "net/resolve.h"

namespace hearth::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int kBacklog = 512;
constexpr base::Millis kAcceptPause{50};       // after an accept that failed for want of files or memory
constexpr base::Millis kNamePatience{10'000};  // for a name server that has to be asked where to listen
constexpr std::size_t kTurnedAwayAtOnce = 32;  // above the limit of connections: told why; beyond that, just closed

HttpResponse refuse_plainly(int status, const base::Error& error) {
  return HttpResponse{status, Headers{{"Content-Type", "text/plain; charset=utf-8"}}, error.line() + "\n"};
}

/// Of Asio's sockets, which programs that we start would inherit.
void close_on_exec(int socket) { ::fcntl(socket, F_SETFD, FD_CLOEXEC); }

base::Error bind_error(const error_code& ec, const std::string& host, std::uint16_t port) {
  const std::string where = "port " + std::to_string(port) + " on " + host;
  if (ec == asio::error::address_in_use) {
    return {base::Code::kConflict, where + " is in use", "stop the other program or choose another with --port"};
  }
  if (ec == asio::error::access_denied) {
    return {base::Code::kPermission, where + " may not be bound by this user", "choose one above 1023 with --port"};
  }
  return {base::Code::kInvalidArgument, "cannot listen at " + host + ": " + ec.message(), "choose another with --host"};
}

class BeastServer final : public HttpServer {
 public:
  explicit BeastServer(HttpServerOptions options)
      : options_(std::move(options)),
        context_{options_},
        accepting_(
            io_, [this](tcp::socket socket) { serve(std::move(socket)); }, [this] { tell_if_empty(); }, kAcceptPause) {}

  ~BeastServer() override { static_cast<void>(stop(base::Millis{0})); }

  base::Result<void> open() {
    const auto addresses = resolve(options_.host, kNamePatience);
    if (!addresses) {
      return base::fail(base::Code::kInvalidArgument, "cannot listen: " + addresses.error().message,
                        "choose another with --host");
    }
    error_code ec;
    tcp::acceptor& acceptor = accepting_.acceptor();
    const tcp::endpoint endpoint(asio::ip::make_address(addresses->front(), ec), options_.port);
    if (!ec) acceptor.open(endpoint.protocol(), ec);
    if (!ec) close_on_exec(acceptor.native_handle());
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(kBacklog, ec);
    if (ec) return base::fail(bind_error(ec, options_.host, options_.port));
    port_ = acceptor.local_endpoint(ec).port();
    accepting_.start();
    thread_ = std::thread([this] {
      base::name_this_thread("hearth-http");
      run_io(io_);
    });
    return {};
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  [[nodiscard]] std::string url() const override { return "http://" + authority(options_.host, port_); }
  [[nodiscard]] std::size_t connections() const override { return open_.load(std::memory_order_relaxed); }

  bool stop(base::Millis limit) override {
    const base::MutexLock stopping(stop_mutex_);
    if (!thread_.joinable()) return true;
    asio::post(io_, [this] { drain(); });
    const bool ended = wait_until_empty(std::chrono::steady_clock::now() + limit);
    if (!ended) {
      asio::post(io_, [this] { cut(); });
      static_cast<void>(wait_until_empty(base::Instant::max()));
    }
    work_.reset();
    thread_.join();
    return ended;
  }

 private:
  void serve(tcp::socket socket) {
    close_on_exec(socket.native_handle());
    const std::size_t open = connections_.size();
    if (open >= options_.limits.connections + kTurnedAwayAtOnce) return;  // closed by its destructor
    const bool has_place = open < options_.limits.connections || close_longest_waiting();
    auto connection = std::make_shared<Connection>(std::move(socket), context_);
    connections_.insert(connection);
    open_.store(connections_.size(), std::memory_order_relaxed);
    try {
      auto life = has_place ? connection->run() : connection->turn_away();
      asio::co_spawn(io_, std::move(life),
                     [this, connection](const std::exception_ptr& thrown) { on_end(connection, thrown); });
    } catch (...) {  // or nobody would ever take it out again
      connections_.erase(connection);
      open_.store(connections_.size(), std::memory_order_relaxed);
      throw;
    }
  }

  /// Gives the place of the client that has sent no request for longest to one that is here now. False: all are served.
  bool close_longest_waiting() {
    std::shared_ptr<Connection> longest;
    for (const auto& connection : connections_) {
      const auto since = connection->waiting_since();
      if (since && (!longest || *since < *longest->waiting_since())) longest = connection;
    }
    if (longest) longest->close_if_idle();
    return longest != nullptr;
  }

  void on_end(const std::shared_ptr<Connection>& connection, const std::exception_ptr& thrown) {
    if (thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& error) {
        base::log_error("connection: {}", error.what());
      }
      connection->cut();
    }
    connections_.erase(connection);
    open_.store(connections_.size(), std::memory_order_relaxed);
    tell_if_empty();
  }

  void drain() {
    if (context_.draining) return;
    context_.draining = true;
    accepting_.close();
    const auto connections = connections_;
    for (const auto& connection : connections) connection->end_after_response();
    for (const auto& connection : connections) connection->close_if_idle();
    tell_if_empty();
  }

  void cut() {
    const auto connections = connections_;
    for (const auto& connection : connections) connection->cut();
  }

  void tell_if_empty() {
    if (!context_.draining || accepting_.is_running() || !connections_.empty()) return;
    const base::MutexLock lock(empty_mutex_);
    empty_ = true;
    on_empty_.notify_all();
  }

  bool wait_until_empty(base::Instant deadline) EXCLUDES(empty_mutex_) {
    const base::MutexLock lock(empty_mutex_);
    while (!empty_) {
      if (deadline == base::Instant::max()) {
        on_empty_.wait(empty_mutex_);
      } else if (on_empty_.wait_until(empty_mutex_, deadline) == std::cv_status::timeout) {
        return empty_;
      }
    }
    return true;
  }

  const HttpServerOptions options_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  ConnectionContext context_;  // I/O thread
  AcceptLoop accepting_;       // I/O thread once started
  std::set<std::shared_ptr<Connection>>
      connections_;  // I/O thread; shared because each keeps itself alive while it runs
  std::atomic<std::size_t> open_{0};
  std::uint16_t port_ = 0;  // constant after open()
  base::Mutex stop_mutex_;
  std::thread thread_;  // started by open(), joined under stop_mutex_
  base::Mutex empty_mutex_;
  base::CondVar on_empty_;
  bool empty_ GUARDED_BY(empty_mutex_) = false;
};

}  // namespace

base::Result<std::unique_ptr<HttpServer>> HttpServer::listen(HttpServerOptions options) {
  if (!options.refuse) options.refuse = refuse_plainly;
  options.limits.connections = ensure_descriptors(options.limits.connections);
  auto server = std::make_unique<BeastServer>(std::move(options));
  if (auto opened = server->open(); !opened) return base::fail(std::move(opened.error()));
  return server;
}

}  // namespace hearth::net
