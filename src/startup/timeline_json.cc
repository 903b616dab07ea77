#include "startup/timeline_json.h"

#include <algorithm>
#include <chrono>

#include "observe/json_writer.h"

namespace hearth::startup {
namespace {

using observe::JsonWriter;

void member_ms(JsonWriter& json, std::string_view name, base::Duration time) {
  json.key(name).fixed(base::to_millis(time), 3);
}
void member_ms(JsonWriter& json, std::string_view name, const std::optional<base::Duration>& time) {
  if (time) member_ms(json, name, *time);
}

void write_task(JsonWriter& json, const TaskRun& run) {
  json.begin_object().member("name", run.name);
  if (!run.title.empty()) json.member("title", run.title);
  json.member("phase", run.phase == Phase::kCritical ? "critical" : "background")
      .member("state", task_state_name(run.state));
  json.key("needs").begin_array();
  for (const std::string& need : run.needs) json.value(need);
  json.end_array();
  member_ms(json, "runnable_ms", run.runnable);
  member_ms(json, "begin_ms", run.begin);
  member_ms(json, "end_ms", run.end);
  if (run.begin && run.end) member_ms(json, "took_ms", *run.end - *run.begin);
  json.member("tries", run.tries)
      .member("stalls", run.stalls)
      .member("stalled", run.is_stalled)
      .member("thread", run.thread);
  if (run.fraction >= 0) json.key("progress").fixed(run.fraction, 3);
  if (!run.stage.empty()) json.member("stage", run.stage);
  if (run.error) {
    json.key("error")
        .begin_object()
        .member("code", base::code_name(run.error->code))
        .member("message", run.error->message);
    if (!run.error->remedy.empty()) json.member("remedy", run.error->remedy);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

std::string timeline_json(const Timeline& timeline) {
  JsonWriter json;
  json.begin_object().member("version", 1);
  const auto started = std::chrono::duration_cast<base::Millis>(timeline.started.time_since_epoch());
  json.member("started_unix_ms", started.count()).member("process", timeline.process);
  member_ms(json, "now_ms", timeline.now);
  member_ms(json, "main_ms", timeline.main);
  json.member("exec_accuracy", accuracy_name(timeline.accuracy));
  const bool is_settled_all = std::all_of(timeline.tasks.begin(), timeline.tasks.end(),
                                          [](const TaskRun& run) { return is_settled(run.state); });
  json.member("settled", is_settled_all);
  json.key("marks").begin_object();
  for (const Mark& mark : timeline.marks) member_ms(json, mark.name, mark.at);
  json.end_object().key("tasks").begin_array();
  for (const TaskRun& run : timeline.tasks) write_task(json, run);
  json.end_array().key("spans").begin_array();
  for (const Span& span : timeline.spans) {
    json.begin_object().member("name", span.name).member("thread", span.thread);
    member_ms(json, "begin_ms", span.begin);
    member_ms(json, "end_ms", span.end);
    json.end_object();
  }
  json.end_array().key("notes").begin_array();
  for (const Note& note : timeline.notes) {
    json.begin_object().member("task", note.task).member("what", note.what);
    if (!note.text.empty()) json.member("text", note.text);
    member_ms(json, "at_ms", note.at);
    json.end_object();
  }
  json.end_array().key("memory").begin_array();
  for (const MemoryPoint& point : timeline.memory) {
    json.begin_object();
    member_ms(json, "at_ms", point.at);
    json.member("resident_bytes", point.resident.count).end_object();
  }
  json.end_array().key("threads").begin_array();
  for (const auto& [thread, name] : timeline.threads) {
    json.begin_object().member("id", thread).member("name", name).end_object();
  }
  return json.end_array().member("dropped", timeline.dropped).end_object().take();
}

}  // namespace hearth::startup
