#pragma once

// std::mutex with names that Clang's thread-safety analysis understands: a field says who guards it, the compiler
// checks.

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define HEARTH_TSA(x) __attribute__((x))
#else
#define HEARTH_TSA(x)
#endif

#define GUARDED_BY(m) HEARTH_TSA(guarded_by(m))
#define REQUIRES(...) HEARTH_TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) HEARTH_TSA(locks_excluded(__VA_ARGS__))

namespace hearth::base {

class HEARTH_TSA(capability("mutex")) Mutex {
 public:
  void lock() HEARTH_TSA(acquire_capability()) { mutex_.lock(); }
  void unlock() HEARTH_TSA(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class HEARTH_TSA(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) HEARTH_TSA(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() HEARTH_TSA(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// Waits are on the annotated Mutex; write `while (!condition) cv.wait(mutex);` so that the analysis sees the read
/// guarded.
class CondVar {
 public:
  void wait(Mutex& mutex) REQUIRES(mutex) { cv_.wait(mutex); }
  template <typename TimePoint>
  std::cv_status wait_until(Mutex& mutex, TimePoint when) REQUIRES(mutex) {
    return cv_.wait_until(mutex, when);
  }
  void notify_one() { cv_.notify_one(); }
  void notify_all() { cv_.notify_all(); }

 private:
  std::condition_variable_any cv_;
};

}  // namespace hearth::base
