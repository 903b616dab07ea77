#pragma once

// What happened in one start, as plain values. Times count from `exec` of the process (process_start.h). The recorder
// (recorder.h) fills it; terminal_lines.h, waterfall.h, timeline_json.h, trace_events.h and timeline_metrics.h draw it,
// each a pure function of a Timeline.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "startup/plan.h"
#include "startup/process_start.h"

namespace hearth::startup {

/// The kernel's number of a thread (gettid), as `top -H` shows it.
using ThreadId = std::int64_t;

/// One task. Times are from exec; those that have not come yet are empty.
struct TaskRun {
  std::string name, title;
  Phase phase = Phase::kCritical;
  TaskState state = TaskState::kWaiting;
  std::vector<std::string> needs;
  std::optional<base::Duration> runnable;  // what it needs was done; from here to `begin` it waited for room
  std::optional<base::Duration> begin;     // of the first try
  std::optional<base::Duration> end;       // settled, whatever the result
  ThreadId thread = 0;                     // of the last try; 0 before
  bool is_async = false;                   // ran beside its thread: its bar is not nested in the thread's others
  int tries = 0;
  int stalls = 0;           // times it showed no life for longer than the limit
  bool is_stalled = false;  // now
  double fraction = -1;     // 0 … 1; negative: not known
  std::string stage;
  std::optional<base::Error> error;  // of the last failed try; for a blocked task, the cause
};

/// Something timed inside a task or elsewhere: `model.open.text_side`.
struct Span {
  std::string name;
  ThreadId thread = 0;
  base::Duration begin{}, end{};
};

/// A moment with a name: "main", "listen", "livez", "ready", "first_audio". Each name is there once: its first time.
struct Mark {
  std::string name;
  ThreadId thread = 0;
  base::Duration at{};
};

/// Something that happened to a task: "retry", "stall", "moving", "stage".
struct Note {
  std::string task, what, text;
  ThreadId thread = 0;
  base::Duration at{};
};

struct MemoryPoint {
  base::Duration at{};
  base::Bytes resident;
};

struct Timeline {
  std::chrono::system_clock::time_point started;     // date of exec
  base::Duration main{};                             // exec → main
  StartAccuracy accuracy = StartAccuracy::kUnknown;  // of `main`, and so of everything's distance to exec
  base::Duration now{};                              // when this copy was made
  std::int64_t process = 0;                          // pid
  std::vector<TaskRun> tasks;                        // in order of declaration
  std::vector<Span> spans;                           // in order of their end
  std::vector<Mark> marks;
  std::vector<Note> notes;
  std::vector<MemoryPoint> memory;
  std::vector<std::pair<ThreadId, std::string>> threads;  // those that were named
  std::int64_t dropped = 0;                               // spans, notes and points that found no room

  [[nodiscard]] const Mark* find_mark(std::string_view name) const;
};

}  // namespace hearth::startup
