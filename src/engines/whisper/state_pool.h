#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "engines/whisper/context.h"

namespace hearth::engines::whisper {

/// The states of calls, made when they are first needed and kept for the next call: to make one costs tens of
/// milliseconds, to keep one tens of megabytes. Any thread.
class StatePool {
 public:
  using Maker = std::function<base::Result<StatePointer>()>;
  /// At most `most` exist at once, `first` among them. REQUIRES: most >= 1.
  StatePool(int most, StatePointer first, Maker make) : most_(most), make_(std::move(make)) {
    free_.push_back(std::move(first));
  }

  /// A state for one call, which goes back at the end of its life.
  class Loan {
   public:
    Loan(StatePool& pool, StatePointer state) : pool_(&pool), state_(std::move(state)) {}
    Loan(Loan&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), state_(std::move(other.state_)) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (pool_ != nullptr) pool_->give_back(std::move(state_));
    }
    [[nodiscard]] whisper_state* get() const { return state_.get(); }
    /// Whisper.cpp has freed it by itself.
    void forget() { static_cast<void>(state_.release()); }
    /// It may be damaged: the next call gets a new one.
    void discard() { state_.reset(); }

   private:
    StatePool* pool_;
    StatePointer state_;
  };

  /// A free state, a new one, or, where as many as may be are lent, the first that comes back. kCancelled on stop while
  /// waiting; what making one says.
  [[nodiscard]] base::Result<Loan> borrow(const std::stop_token& stop) EXCLUDES(mutex_);

 private:
  void give_back(StatePointer state) EXCLUDES(mutex_);

  const int most_;
  const Maker make_;
  base::Mutex mutex_;
  base::CondVar returned_;
  std::vector<StatePointer> free_ GUARDED_BY(mutex_);
  int lent_ GUARDED_BY(mutex_) = 0;  // those being made too
};

}  // namespace hearth::engines::whisper
