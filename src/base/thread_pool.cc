#include "base/thread_pool.h"

#include <pthread.h>

#include <chrono>
#include <exception>
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
  Task refused;  // destroyed outside the lock: a task may own what posts here
  MutexLock lock(mutex_);
  queue_.push_back(std::move(task));
  if (idle_ < static_cast<int>(queue_.size()) && static_cast<int>(threads_.size()) < limit_ && !closing_) {
    try {
      add_thread();
    } catch (const std::exception& error) {
      if (threads_.empty()) {
        refused = std::move(queue_.back());
        queue_.pop_back();
        throw;
      }
      if (complaint_.is_due(std::chrono::steady_clock::now())) {
        log_warning("{}: goes on with {} of {} threads: {}", name_, threads_.size(), limit_, error.what());
      }
    }
  }
  wake_.notify_one();
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
    run_guarded(name_, task);
  }
}

}  // namespace hearth::base
