#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "base/mutex.h"
#include "base/thread_pool.h"

namespace hearth::base {

/// A serial queue on a shared executor: what is posted runs one at a time, in order, on whatever thread is free.
/// State that belongs to a strand needs no lock. What a task throws is logged, and ends that task alone: the next one
/// runs. Destroying a strand drops what has not begun; what runs, finishes.
class Strand final : public Executor {
 public:
  explicit Strand(Executor& executor);
  ~Strand() override;
  /// Throws what the post of its executor throws: then nothing was posted.
  void post(Task task) override;
  /// Whether the caller runs on this strand: for assertions.
  [[nodiscard]] bool is_current() const;

 private:
  struct Queue {
    Mutex mutex;
    std::deque<Task> tasks GUARDED_BY(mutex);
    bool running GUARDED_BY(mutex) = false;
    bool closed GUARDED_BY(mutex) = false;
  };
  static void drain(const std::shared_ptr<Queue>& queue, Executor& executor);
  /// Whether more is left to run.
  static bool run_one(Queue& queue);
  static void take_back(Queue& queue, std::size_t place);
  Executor& executor_;
  std::shared_ptr<Queue> queue_;  // shared because a posted drain may outlive the strand
};

}  // namespace hearth::base
