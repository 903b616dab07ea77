#pragma once

// Collects a Timeline while the start runs. Every method on any thread, short, never fails: what finds no room is
// counted as dropped. One lock, held for a copy of a small record; it is taken a few hundred times in a start, so it is
// not felt.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "startup/timeline.h"

namespace hearth::startup {

/// Bounds of a recorder: memory is fixed however long the process lives.
struct RecorderLimits {
  std::size_t spans = 2000;
  std::size_t notes = 500;
  std::size_t marks = 64;
  std::size_t memory_points = 500;
  std::size_t threads = 128;
};

class Recorder {
 public:
  /// Resident memory of the process, e.g. observe::resident_memory; may be empty.
  using MemoryProbe = std::function<base::Bytes()>;

  Recorder(const base::Clock& clock, ProcessStart start, MemoryProbe memory = {}, RecorderLimits limits = {});

  /// A moment; the first of each name counts, so a caller may mark "first_audio" at every request.
  void mark(std::string_view name) EXCLUDES(mutex_);
  /// Whether it was marked.
  [[nodiscard]] bool has_mark(std::string_view name) const EXCLUDES(mutex_);

  /// Records what was timed elsewhere, by the clock's instants, on the calling thread.
  void add_span(std::string_view name, base::Instant begin, base::Instant end) EXCLUDES(mutex_);

  /// Times a block: `auto span = recorder.span("model.open.vocoder");`
  class ScopedSpan {
   public:
    ScopedSpan(Recorder& recorder, std::string_view name) : recorder_(recorder), name_(name), begin_(recorder.now()) {}
    ~ScopedSpan() { recorder_.add_span(name_, begin_, recorder_.now()); }
    ScopedSpan(const ScopedSpan&) = delete;
    ScopedSpan& operator=(const ScopedSpan&) = delete;

   private:
    Recorder& recorder_;
    const std::string name_;
    const base::Instant begin_;
  };
  [[nodiscard]] ScopedSpan span(std::string_view name) { return ScopedSpan(*this, name); }

  /// Reads the memory probe (some 10 µs) and records a point.
  void note_memory() EXCLUDES(mutex_);

  /// The runner's: its record of a task, replaced as it changes.
  void put_task(std::size_t index, const TaskRun& run) EXCLUDES(mutex_);
  /// The runner's: something happened to a task.
  void note(std::string_view task, std::string_view what, std::string_view text) EXCLUDES(mutex_);

  /// A copy of all, as of now.
  [[nodiscard]] Timeline snapshot() const EXCLUDES(mutex_);
  [[nodiscard]] base::Duration since_exec(base::Instant instant) const { return instant - start_.exec; }
  [[nodiscard]] base::Instant now() const { return clock_.now(); }

 private:
  const base::Clock& clock_;
  const ProcessStart start_;
  const MemoryProbe memory_;
  const RecorderLimits limits_;
  mutable base::Mutex mutex_;
  Timeline timeline_ GUARDED_BY(mutex_);
};

}  // namespace hearth::startup
