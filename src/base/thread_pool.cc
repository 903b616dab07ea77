#include "base/thread_pool.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <utility>

#include "base/log.h"

namespace hearth::base {
namespace {
std::jthread start_plainly(Task run) { return std::jthread(std::move(run)); }
}  // namespace

void name_this_thread(const std::string& name) { pthread_setname_np(pthread_self(), name.substr(0, 15).c_str()); }

void run_guarded(std::string_view who, const Task& task) {
  try {
    task();
  } catch (const std::exception& error) {
    log_error("{}: a task was given up: {}", who, error.what());
  } catch (...) {
    log_error("{}: a task was given up: it threw what is no exception", who);
  }
}

void Executor::post_droppable(Task task, const std::stop_token& stop) {
  post([task = std::move(task), stop] {
    if (!stop.stop_requested()) task();
  });
}

ThreadPool::ThreadPool(std::string name, int threads, StartThread start_thread)
    : name_(std::move(name)),
      limit_(threads < 1 ? 1 : threads),
      start_thread_(start_thread ? std::move(start_thread) : StartThread(start_plainly)) {}

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
  std::list<Queued> one;
  one.emplace_back().task = std::move(task);
  enqueue(std::move(one), {});
}

void ThreadPool::post_droppable(Task task, const std::stop_token& stop) {
  std::list<Queued> one;
  Queued& made = one.emplace_back();
  made.task = std::move(task);
  // Outside the lock, which the call takes that is made at once where the stop has been requested already.
  made.on_stop.emplace(stop, Drop{this, &made});
  enqueue(std::move(one), stop);
}

/// `one` is destroyed outside the lock, where nothing becomes of it: a task may own what posts here.
void ThreadPool::enqueue(std::list<Queued> one, const std::stop_token& stop) {
  const MutexLock lock(mutex_);
  // A stop that came before this line found nothing to drop; one that comes after it waits for the lock, and does.
  if (stop.stop_requested()) return;
  queue_.splice(queue_.end(), one);
  if (idle_ < static_cast<int>(queue_.size()) && static_cast<int>(threads_.size()) < limit_ && !closing_) {
    try {
      add_thread();
    } catch (const std::exception& error) {
      if (threads_.empty()) {
        one.splice(one.end(), queue_, std::prev(queue_.end()));
        throw;
      }
      if (complaint_.is_due(std::chrono::steady_clock::now())) {
        log_warning("{}: goes on with {} of {} threads: {}", name_, threads_.size(), limit_, error.what());
      }
    }
  }
  wake_.notify_one();
}

void ThreadPool::drop(const Queued* which) {
  std::list<Queued> dropped;  // destroyed outside the lock
  const MutexLock lock(mutex_);
  const auto at = std::ranges::find_if(queue_, [which](const Queued& queued) { return &queued == which; });
  if (at != queue_.end()) dropped.splice(dropped.end(), queue_, at);
}

void ThreadPool::add_thread() {
  std::jthread& added = threads_.emplace_back();  // its place first: a thread that runs must not be lost for want of it
  try {
    added = start_thread_([this] { run(); });
  } catch (...) {
    threads_.pop_back();
    throw;
  }
}

void ThreadPool::run() {
  name_this_thread(name_);
  for (;;) {
    std::list<Queued> begun;  // one
    {
      const MutexLock lock(mutex_);
      ++idle_;
      while (queue_.empty() && !closing_) wake_.wait(mutex_);
      --idle_;
      if (queue_.empty()) return;
      begun.splice(begun.end(), queue_, queue_.begin());
    }
    run_guarded(name_, begun.front().task);
  }
}

}  // namespace hearth::base
