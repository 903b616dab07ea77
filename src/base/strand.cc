#include "base/strand.h"

#include <cstddef>
#include <exception>
#include <utility>

#include "base/log.h"

namespace hearth::base {
namespace {
thread_local const void* current_queue = nullptr;
}

Strand::Strand(Executor& executor) : executor_(executor), queue_(std::make_shared<Queue>()) {}

Strand::~Strand() {
  std::deque<Task> dropped;  // destroyed outside the lock: a task may own what posts here
  {
    MutexLock lock(queue_->mutex);
    queue_->closed = true;
    dropped.swap(queue_->tasks);
  }
}

void Strand::post(Task task) {
  std::size_t place = 0;
  {
    MutexLock lock(queue_->mutex);
    if (queue_->closed) return;
    place = queue_->tasks.size();
    queue_->tasks.push_back(std::move(task));
    if (queue_->running) return;
    queue_->running = true;
  }
  try {
    executor_.post([queue = queue_, &executor = executor_] { drain(queue, executor); });
  } catch (...) {
    take_back(*queue_, place);
    throw;
  }
}

/// Nothing has begun, and who posted is told so. What others have posted meanwhile runs after the next post.
void Strand::take_back(Queue& queue, std::size_t place) {
  Task refused;  // destroyed outside the lock: a task may own what posts here
  MutexLock lock(queue.mutex);
  queue.running = false;
  if (place >= queue.tasks.size()) return;
  refused = std::move(queue.tasks[place]);
  queue.tasks.erase(queue.tasks.begin() + static_cast<std::ptrdiff_t>(place));
}

bool Strand::run_one(Queue& queue) {
  Task task;
  {
    MutexLock lock(queue.mutex);
    if (queue.tasks.empty()) {
      queue.running = false;
      return false;
    }
    task = std::move(queue.tasks.front());
    queue.tasks.pop_front();
  }
  const void* outer = std::exchange(current_queue, &queue);
  run_guarded("strand", task);
  task = nullptr;
  current_queue = outer;
  MutexLock lock(queue.mutex);
  queue.running = !queue.tasks.empty();
  return queue.running;
}

void Strand::drain(const std::shared_ptr<Queue>& queue, Executor& executor) {
  while (run_one(*queue)) {
    // One task a turn, so that a busy strand shares the pool's threads fairly.
    try {
      return executor.post([queue, &executor] { drain(queue, executor); });
    } catch (const std::exception& error) {
      log_warning("strand: goes on without a turn: {}", error.what());
    }
  }
}

bool Strand::is_current() const { return current_queue == queue_.get(); }

}  // namespace hearth::base
