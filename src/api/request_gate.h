#pragma once

#include <atomic>
#include <memory>
#include <optional>

namespace hearth::api {

/// Counts the requests that infer or wait to, and turns away the one too many. Any thread; never blocks.
class RequestGate {
 public:
  explicit RequestGate(int limit) : limit_(limit) {}

  /// One request's place, given back at destruction. Movable.
  class Ticket {
   public:
    explicit Ticket(RequestGate& gate) : gate_(&gate) {}
    Ticket(Ticket&& other) noexcept : gate_(other.gate_), is_running_(other.is_running_) { other.gate_ = nullptr; }
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (gate_ == nullptr) return;
      if (is_running_) gate_->running_.fetch_sub(1);
      gate_->inside_.fetch_sub(1);
    }
    /// From waiting to running; once.
    void start() {
      is_running_ = true;
      gate_->running_.fetch_add(1);
    }

   private:
    RequestGate* gate_;
    bool is_running_ = false;
  };

  /// Nothing when `limit` requests are inside.
  [[nodiscard]] std::optional<Ticket> try_enter() {
    if (inside_.fetch_add(1) >= limit_) {
      inside_.fetch_sub(1);
      return std::nullopt;
    }
    return std::optional<Ticket>(std::in_place, *this);
  }
  [[nodiscard]] int running() const { return running_.load(); }
  [[nodiscard]] int waiting() const { return inside_.load() - running_.load(); }

 private:
  const int limit_;
  std::atomic<int> inside_{0};
  std::atomic<int> running_{0};
};

}  // namespace hearth::api
