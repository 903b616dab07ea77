#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace hearth::audio {

/// How many samples all sounds that are decoded and not forgotten yet may have together. Any thread.
class SampleBudget {
 public:
  explicit SampleBudget(std::int64_t samples) : left_(samples) {}
  SampleBudget(const SampleBudget&) = delete;
  SampleBudget& operator=(const SampleBudget&) = delete;

  [[nodiscard]] bool try_take(std::int64_t samples) {
    std::int64_t left = left_.load();
    while (left >= samples) {
      if (left_.compare_exchange_weak(left, left - samples)) return true;
    }
    return false;
  }
  void give_back(std::int64_t samples) { left_ += samples; }
  [[nodiscard]] std::int64_t left() const { return left_; }

 private:
  std::atomic<std::int64_t> left_;
};

/// One sound's part of a budget, given back at its end. Holds without a budget hold nothing, and never refuse.
class SampleHold {
 public:
  SampleHold() = default;
  explicit SampleHold(SampleBudget* budget) : budget_(budget) {}
  SampleHold(SampleHold&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), held_(std::exchange(other.held_, 0)) {}
  SampleHold& operator=(SampleHold&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(held_, other.held_);
    return *this;
  }
  ~SampleHold() {
    if (budget_ != nullptr) budget_->give_back(held_);
  }

  /// Makes it `samples` in all, where the budget has room for it.
  [[nodiscard]] bool grow_to(std::int64_t samples) {
    if (budget_ == nullptr || samples <= held_) return true;
    if (!budget_->try_take(samples - held_)) return false;
    held_ = samples;
    return true;
  }

 private:
  SampleBudget* budget_ = nullptr;
  std::int64_t held_ = 0;
};

}  // namespace hearth::audio
