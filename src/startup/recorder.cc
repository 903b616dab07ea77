#include "startup/recorder.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace hearth::startup {
namespace {

/// Adds unless the list is full.
template <typename T>
void add_bounded(std::vector<T>& list, std::size_t limit, T item, std::int64_t& dropped) {
  if (list.size() < limit) {
    list.push_back(std::move(item));
  } else {
    ++dropped;
  }
}

/// The calling thread's number; its name joins `timeline` when it is seen first.
ThreadId note_thread(Timeline& timeline, std::size_t limit) {
  const ThreadId thread = ::gettid();
  for (const auto& known : timeline.threads) {
    if (known.first == thread) return thread;
  }
  if (timeline.threads.size() < limit) {
    char name[16] = "";
    ::pthread_getname_np(::pthread_self(), name, sizeof name);
    timeline.threads.emplace_back(thread, name);
  }
  return thread;
}

}  // namespace

const Mark* Timeline::find_mark(std::string_view name) const {
  const auto found = std::find_if(marks.begin(), marks.end(), [&](const Mark& mark) { return mark.name == name; });
  return found == marks.end() ? nullptr : &*found;
}

Recorder::Recorder(const base::Clock& clock, ProcessStart start, MemoryProbe memory, RecorderLimits limits)
    : clock_(clock), start_(start), memory_(std::move(memory)), limits_(limits) {
  base::MutexLock lock(mutex_);
  timeline_.started =
      clock_.wall() - std::chrono::duration_cast<std::chrono::system_clock::duration>(clock_.now() - start_.exec);
  timeline_.main = start_.main - start_.exec;
  timeline_.accuracy = start_.accuracy;
  timeline_.process = ::getpid();
}

void Recorder::mark(std::string_view name) {
  const base::Duration at = since_exec(now());
  base::MutexLock lock(mutex_);
  if (timeline_.find_mark(name) != nullptr) return;
  const ThreadId thread = note_thread(timeline_, limits_.threads);
  add_bounded(timeline_.marks, limits_.marks, Mark{std::string(name), thread, at}, timeline_.dropped);
}

bool Recorder::has_mark(std::string_view name) const {
  base::MutexLock lock(mutex_);
  return timeline_.find_mark(name) != nullptr;
}

void Recorder::add_span(std::string_view name, base::Instant begin, base::Instant end) {
  base::MutexLock lock(mutex_);
  const ThreadId thread = note_thread(timeline_, limits_.threads);
  add_bounded(timeline_.spans, limits_.spans, Span{std::string(name), thread, since_exec(begin), since_exec(end)},
              timeline_.dropped);
}

void Recorder::note_memory() {
  if (!memory_) return;
  const base::Bytes resident = memory_();
  const base::Duration at = since_exec(now());
  base::MutexLock lock(mutex_);
  add_bounded(timeline_.memory, limits_.memory_points, MemoryPoint{at, resident}, timeline_.dropped);
}

void Recorder::put_task(std::size_t index, const TaskRun& run) {
  base::MutexLock lock(mutex_);
  if (run.thread == ::gettid()) (void)note_thread(timeline_, limits_.threads);
  if (timeline_.tasks.size() <= index) timeline_.tasks.resize(index + 1);
  timeline_.tasks[index] = run;
}

void Recorder::note(std::string_view task, std::string_view what, std::string_view text) {
  const base::Duration at = since_exec(now());
  base::MutexLock lock(mutex_);
  const ThreadId thread = note_thread(timeline_, limits_.threads);
  add_bounded(timeline_.notes, limits_.notes, Note{std::string(task), std::string(what), std::string(text), thread, at},
              timeline_.dropped);
}

Timeline Recorder::snapshot() const {
  const base::Duration at = since_exec(now());
  base::MutexLock lock(mutex_);
  Timeline copy = timeline_;
  copy.now = at;
  return copy;
}

}  // namespace hearth::startup
