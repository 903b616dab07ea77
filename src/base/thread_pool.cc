#include "base/thread_pool.h"

#include <pthread.h>

#include <exception>
#include <utility>

#include "base/log.h"

namespace hearth::base {

void name_this_thread(const std::string& name) { pthread_setname_np(pthread_self(), name.substr(0, 15).c_str()); }

ThreadPool::ThreadPool(std::string name, int threads) : name_(std::move(name)), limit_(threads < 1 ? 1 : threads) {}

ThreadPool::~ThreadPool() {
  std::vector<std::jthread> threads;
  {
    MutexLock lock(mutex_);
    closing_ = true;
    threads.swap(threads_);
  }
  wake_.notify_all();
}  // the threads join here, having emptied the queue

void ThreadPool::post(Task task) {
  MutexLock lock(mutex_);
  queue_.push_back(std::move(task));
  if (idle_ < static_cast<int>(queue_.size()) && static_cast<int>(threads_.size()) < limit_ && !closing_) {
    threads_.emplace_back([this] { run(); });
  }
  wake_.notify_one();
}

/// What one task throws ends that task alone: the others' clients are still served.
void ThreadPool::run_guarded(Task& task) const {
  try {
    task();
  } catch (const std::exception& error) {
    log_error("{}: a task was given up: {}", name_, error.what());
  }
}

void ThreadPool::run() {
  name_this_thread(name_);
  for (;;) {
    Task task;
    {
      MutexLock lock(mutex_);
      ++idle_;
      while (queue_.empty() && !closing_) wake_.wait(mutex_);
      --idle_;
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    run_guarded(task);
  }
}

}  // namespace hearth::base
