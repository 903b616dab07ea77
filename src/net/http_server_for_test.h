#pragma once

// For tests only: a server with a few routes, and a client that does exactly what a test says.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/thread_pool.h"
#include "net/http_server.h"

namespace hearth::net {

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

inline int status_of(const std::string& response) {
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
      plan.run = on_pool([](Exchange& exchange) { exchange.send({200, {}, exchange.request().body}); });
    } else if (head.path == "/flood") {
      plan.run = on_pool([this](Exchange& exchange) {
        exchange.begin(200, {});
        const std::string block(8192, 'x');
        while (exchange.write(block) == Flow::kContinue) {
        }
        note_stopped();
      });
    } else if (head.path == "/wait") {  // answers nothing until the client leaves or the test releases it
      plan.run = on_pool([this](Exchange& exchange) {
        const std::stop_callback wake(exchange.stop_token(), [this] {
          const base::MutexLock woken(mutex_);
          changed_.notify_all();
        });
        const base::MutexLock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        while (!released_ && !exchange.stop_token().stop_requested()) {
          changed_.wait(mutex_);
        }
        if (exchange.stop_token().stop_requested()) {
          ++stopped_;
          changed_.notify_all();
        } else {
          exchange.send({200, {}, "released"});
        }
      });
    } else if (head.path == "/throws") {
      plan.run = [](const std::shared_ptr<Exchange>&) { throw std::runtime_error("a bug"); };
    } else if (head.path == "/half") {
      plan.run = on_pool([](Exchange& exchange) {
        exchange.begin(200, {});
        exchange.write("half");
      });
    } else {
      plan.refusal = HttpResponse{404, {}, "no such thing"};
    }
    return plan;
  }
  /// A handler that gives its work to threads which may block, as api/'s do.
  std::function<void(std::shared_ptr<Exchange>)> on_pool(std::function<void(Exchange&)> work) {
    return [this, work = std::move(work)](std::shared_ptr<Exchange> exchange) {
      pool_.post([work, exchange = std::move(exchange)] { work(*exchange); });
    };
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

}  // namespace hearth::net
