#pragma once

#include <memory>

#include "base/mutex.h"

namespace hearth::model {

/// Counts the work that an owner has handed to executors, so that its end can wait for all of it. Any thread.
class WorkCount {
 public:
  /// Held by one piece of work for as long as it exists, run or dropped. Null once wait_and_end() has returned: the
  /// work must not be handed out any more.
  [[nodiscard]] std::shared_ptr<void> begin() EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    if (ended_) return nullptr;
    ++count_;
    return {this, [](void* self) { static_cast<WorkCount*>(self)->end(); }};
  }
  /// Waits until there is no work; there will be none after it.
  void wait_and_end() EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    while (count_ > 0) none_.wait(mutex_);
    ended_ = true;
  }

 private:
  void end() EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  base::Mutex mutex_;
  base::CondVar none_;
  int count_ GUARDED_BY(mutex_) = 0;
  bool ended_ GUARDED_BY(mutex_) = false;
};

}  // namespace hearth::model
