#pragma once

// Engines whose time is under the test's control.

#include <atomic>
#include <deque>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <utility>

#include "base/mutex.h"
#include "engine/engine.h"

namespace hearth::testing {

/// Makes fake engines and counts what happens to them. Any thread. Must outlive the engines it made.
class FakeLoader {
 public:
  /// A load function to give to a model.
  [[nodiscard]] engine::Load load() {
    return [this](const engine::LoadProgress& progress, std::stop_token stop) { return run(progress, stop); };
  }

  /// Loads that begin from here on wait for release() (or for their stop token). For real threads: with a
  /// ManualExecutor a load is held by not running it.
  void hold() EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    held_ = true;
  }
  void release() EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  /// The next load fails with this; several calls queue up.
  void fail_next(base::Error error) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    failures_.push_back(std::move(error));
  }
  void fail_next_warm_up(base::Error error) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    warm_up_failures_.push_back(std::move(error));
  }
  /// The next warm-up throws, as a foreign library may.
  void throw_next_warm_up() { throws_ = true; }
  /// Waits until `count` loads have begun.
  void wait_for_loads(int count) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    while (begun_ < count) changed_.wait(mutex_);
  }
  /// What the loads of this loader add to the pretended resident set.
  void set_bytes(base::Bytes bytes) { bytes_ = bytes.count; }

  [[nodiscard]] int loads() const { return begun_; }        // begun, failed ones too
  [[nodiscard]] int alive() const { return alive_; }        // engines that exist now
  [[nodiscard]] int warm_ups() const { return warm_ups_; }  // begun
  [[nodiscard]] base::Bytes resident() const { return base::Bytes{resident_}; }

 private:
  class FakeEngine final : public engine::Engine {
   public:
    explicit FakeEngine(FakeLoader& loader) : loader_(loader), bytes_(loader.bytes_) {
      ++loader_.alive_;
      loader_.resident_ += bytes_;
    }
    ~FakeEngine() override {
      loader_.resident_ -= bytes_;
      --loader_.alive_;
    }
    FakeEngine(const FakeEngine&) = delete;
    FakeEngine& operator=(const FakeEngine&) = delete;
    base::Result<void> warm_up(std::stop_token stop) override {
      ++loader_.warm_ups_;
      if (stop.stop_requested()) return base::fail(base::Code::kCancelled, "stopped");
      if (loader_.throws_.exchange(false)) throw std::runtime_error("out of the blue");
      return loader_.next_warm_up();
    }

   private:
    FakeLoader& loader_;
    const std::int64_t bytes_;
  };

  base::Result<std::unique_ptr<engine::Engine>> run(const engine::LoadProgress& progress, std::stop_token stop)
      EXCLUDES(mutex_) {
    if (progress) progress(0.5, "open");
    const std::stop_callback wake(stop, [this] {
      base::MutexLock lock(mutex_);
      changed_.notify_all();
    });
    base::MutexLock lock(mutex_);
    ++begun_;
    changed_.notify_all();
    while (held_ && !stop.stop_requested()) changed_.wait(mutex_);
    if (stop.stop_requested()) return base::fail(base::Code::kCancelled, "stopped");
    if (!failures_.empty()) {
      base::Error error = std::move(failures_.front());
      failures_.pop_front();
      return base::fail(std::move(error));
    }
    return std::make_unique<FakeEngine>(*this);
  }
  base::Result<void> next_warm_up() EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    if (warm_up_failures_.empty()) return {};
    base::Error error = std::move(warm_up_failures_.front());
    warm_up_failures_.pop_front();
    return base::fail(std::move(error));
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  bool held_ GUARDED_BY(mutex_) = false;
  std::deque<base::Error> failures_ GUARDED_BY(mutex_);
  std::deque<base::Error> warm_up_failures_ GUARDED_BY(mutex_);
  std::atomic<int> begun_ = 0;
  std::atomic<int> alive_ = 0;
  std::atomic<int> warm_ups_ = 0;
  std::atomic<bool> throws_ = false;
  std::atomic<std::int64_t> bytes_ = 0;
  std::atomic<std::int64_t> resident_ = 0;
};

}  // namespace hearth::testing
