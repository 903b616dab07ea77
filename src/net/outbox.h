#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "net/http_exchange.h"

namespace hearth::net {

/// The Exchange between a handler's thread and the I/O thread: one side writes, the other takes bytes as the socket
/// accepts them. Formats the head and the chunks, so that the connection only moves bytes. Knows no socket.
class Outbox final : public Exchange {
 public:
  struct Style {
    bool http_1_0 = false;   // no chunks: the end of the body is the end of the connection
    bool head_only = false;  // HEAD: the body is dropped
    bool keep_alive = true;  // as the client wants it
    std::size_t high_water = 1 << 20;
  };
  /// `wake` is called (any thread, under the outbox's lock: post only) when there is something to take after take() had
  /// come back empty.
  Outbox(HttpRequest request, Style style, std::function<void()> wake);

  // The handler's side.
  [[nodiscard]] const HttpRequest& request() const override { return request_; }
  [[nodiscard]] std::stop_token stop_token() const override { return stop_.get_token(); }
  void send(HttpResponse response) override EXCLUDES(mutex_);
  Flow begin(int status, const Headers& headers) override EXCLUDES(mutex_);
  Flow write(std::string_view bytes) override EXCLUDES(mutex_);
  void end() override EXCLUDES(mutex_);

  // The connection's side; I/O thread.
  enum class State { kOpen, kEnded, kBroken };  // kBroken: given up by the handler without an end
  struct Block {
    std::string bytes;
    State state = State::kOpen;  // of what comes after these bytes: kEnded means these are the last
  };
  [[nodiscard]] Block take(std::size_t limit) EXCLUDES(mutex_);
  /// The client is gone: writers get kStop from now on, the stop token fires, wake is never called again.
  void mark_gone() EXCLUDES(mutex_);
  /// All of an ended response has left: as mark_gone(), but nobody is told to stop.
  void detach() EXCLUDES(mutex_);
  /// The handler let go of it: unless it has ended, a response without a head becomes `fallback`, any other is broken
  /// off. Any thread.
  void mark_abandoned(HttpResponse fallback) EXCLUDES(mutex_);
  /// The response must be the connection's last (drain). Too late if the head is written; see keep_alive().
  void set_close() EXCLUDES(mutex_);
  /// What the head promised the client.
  [[nodiscard]] bool keep_alive() const EXCLUDES(mutex_);
  [[nodiscard]] int status() const EXCLUDES(mutex_);
  [[nodiscard]] std::uint64_t body_bytes() const EXCLUDES(mutex_);
  [[nodiscard]] std::optional<base::Instant> first_byte_at() const EXCLUDES(mutex_);

 private:
  void append_head(int status, const Headers& headers, std::optional<std::size_t> length) REQUIRES(mutex_);
  void send_locked(HttpResponse response) REQUIRES(mutex_);
  void wake_if_waiting() REQUIRES(mutex_);
  void drop_pending() REQUIRES(mutex_);
  const HttpRequest request_;
  const Style style_;
  std::stop_source stop_;
  mutable base::Mutex mutex_;
  base::CondVar drained_;
  std::function<void()> wake_ GUARDED_BY(mutex_);
  std::string pending_ GUARDED_BY(mutex_);
  std::size_t taken_ GUARDED_BY(mutex_) = 0;  // bytes of pending_ that have left
  int status_ GUARDED_BY(mutex_) = 0;         // 0: no head yet
  bool chunked_ GUARDED_BY(mutex_) = false;
  bool keep_alive_ GUARDED_BY(mutex_);
  bool reader_waits_ GUARDED_BY(mutex_) = false;
  bool gone_ GUARDED_BY(mutex_) = false;
  State state_ GUARDED_BY(mutex_) = State::kOpen;
  std::uint64_t body_bytes_ GUARDED_BY(mutex_) = 0;
  std::optional<base::Instant> first_byte_at_ GUARDED_BY(mutex_);
};

}  // namespace hearth::net
