#include "startup/trace_events.h"

#include <algorithm>
#include <string_view>

#include "observe/json_writer.h"

namespace hearth::startup {
namespace {

using observe::JsonWriter;

/// The lane of what belongs to no thread: what came before main, tasks that never began.
constexpr ThreadId kProcessLane = 0;

class Trace {
 public:
  explicit Trace(std::int64_t process) : process_(process) { json_.begin_object().key("traceEvents").begin_array(); }

  /// Opens an event; the caller adds args and ends it with close().
  JsonWriter& open(std::string_view phase, std::string_view name, std::string_view category, ThreadId thread,
                   base::Duration at) {
    json_.begin_object().member("ph", phase).member("name", name).member("cat", category);
    json_.member("pid", process_).member("tid", thread).key("ts").fixed(micros(at), 3);
    return json_;
  }
  [[nodiscard]] JsonWriter& open_event() { return json_; }
  void close() { json_.end_object(); }

  void whole(std::string_view name, std::string_view category, ThreadId thread, base::Duration begin,
             base::Duration end) {
    open("X", name, category, thread, begin).key("dur").fixed(micros(std::max(end - begin, base::Duration{0})), 3);
  }
  void instant(std::string_view name, std::string_view category, ThreadId thread, base::Duration at,
               std::string_view scope) {
    open("i", name, category, thread, at).member("s", scope);
  }
  void name(std::string_view what, ThreadId thread, std::string_view text) {
    open("M", what, "__metadata", thread, {}).key("args").begin_object().member("name", text).end_object();
    close();
  }
  [[nodiscard]] std::string take(std::string_view accuracy) {
    json_.end_array().member("displayTimeUnit", "ms").key("otherData").begin_object();
    json_.member("time_zero", "exec").member("exec_accuracy", accuracy).end_object();
    return json_.end_object().take();
  }

 private:
  static double micros(base::Duration time) { return base::to_millis(time) * 1000; }
  const std::int64_t process_;
  JsonWriter json_;
};

void write_args(JsonWriter& json, const TaskRun& run) {
  json.key("args").begin_object().member("state", task_state_name(run.state)).member("tries", run.tries);
  json.member("phase", run.phase == Phase::kCritical ? "critical" : "background");
  std::string needs;
  for (const std::string& need : run.needs) needs += (needs.empty() ? "" : ", ") + need;
  if (!needs.empty()) json.member("needs", needs);
  if (run.runnable && run.begin) json.key("waited_for_room_ms").fixed(base::to_millis(*run.begin - *run.runnable), 3);
  if (run.error) json.member("error", run.error->line());
  json.end_object();
}

/// Bars of one thread have to nest, or a viewer drops or misplaces them. A task that was tried again ran on more than
/// one.
bool is_within_its_thread(const TaskRun& run) { return !run.is_async && run.tries == 1 && run.thread != 0; }

void write_task(Trace& trace, const TaskRun& run, std::size_t index, base::Duration now) {
  if (!run.begin) return;
  const base::Duration end = run.end.value_or(now);
  if (is_within_its_thread(run)) {
    trace.whole(run.name, "task", run.thread, *run.begin, end);
    write_args(trace.open_event(), run);
    trace.close();
    return;
  }
  write_args(trace.open("b", run.name, "task", run.thread, *run.begin).member("id", index + 1), run);
  trace.close();
  trace.open("e", run.name, "task", run.thread, end).member("id", index + 1);
  trace.close();
}

}  // namespace

std::string trace_events_json(const Timeline& timeline) {
  Trace trace(timeline.process);
  trace.name("process_name", kProcessLane, "hearth");
  trace.name("thread_name", kProcessLane, "process");
  for (const auto& [thread, name] : timeline.threads) trace.name("thread_name", thread, name);
  if (timeline.accuracy != StartAccuracy::kUnknown) {
    trace.whole("exec to main", "process", kProcessLane, {}, timeline.main);
    trace.close();
  }
  for (std::size_t i = 0; i < timeline.tasks.size(); ++i) write_task(trace, timeline.tasks[i], i, timeline.now);
  for (const Span& span : timeline.spans) {
    trace.whole(span.name, "span", span.thread, span.begin, span.end);
    trace.close();
  }
  for (const Mark& mark : timeline.marks) {
    trace.instant(mark.name, "mark", mark.thread, mark.at, "p");
    trace.close();
  }
  for (const Note& note : timeline.notes) {
    trace.instant(note.task + ": " + note.what, "note", note.thread, note.at, "t");
    trace.open_event().key("args").begin_object().member("text", note.text).end_object();
    trace.close();
  }
  for (const MemoryPoint& point : timeline.memory) {
    trace.open("C", "resident memory", "memory", kProcessLane, point.at);
    trace.open_event().key("args").begin_object().member("bytes", point.resident.count).end_object();
    trace.close();
  }
  return trace.take(accuracy_name(timeline.accuracy));
}

}  // namespace hearth::startup
