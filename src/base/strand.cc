#include "base/strand.h"

#include <utility>

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
  {
    MutexLock lock(queue_->mutex);
    if (queue_->closed) return;
    queue_->tasks.push_back(std::move(task));
    if (queue_->running) return;
    queue_->running = true;
  }
  executor_.post([queue = queue_, &executor = executor_] { drain(queue, executor); });
}

void Strand::drain(const std::shared_ptr<Queue>& queue, Executor& executor) {
  Task task;
  {
    MutexLock lock(queue->mutex);
    if (queue->tasks.empty()) {
      queue->running = false;
      return;
    }
    task = std::move(queue->tasks.front());
    queue->tasks.pop_front();
  }
  const void* outer = std::exchange(current_queue, queue.get());
  task();
  task = nullptr;
  current_queue = outer;
  {
    MutexLock lock(queue->mutex);
    if (queue->tasks.empty()) {
      queue->running = false;
      return;
    }
  }
  // One task a turn, so that a busy strand shares the pool's threads fairly.
  executor.post([queue, &executor] { drain(queue, executor); });
}

bool Strand::is_current() const { return current_queue == queue_.get(); }

}  // namespace hearth::base
