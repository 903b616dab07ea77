#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "startup/terminal_lines.h"
#include "startup/timeline_json.h"
#include "startup/timeline_metrics.h"
#include "startup/trace_events.h"
#include "startup/waterfall.h"

// One start, drawn in every way.

namespace hearth::startup {
namespace {

using namespace base::literals;
using base::Micros;
using base::Millis;
using ::testing::HasSubstr;
using ::testing::Not;

TaskRun run_of(std::string name, base::Duration runnable, base::Duration begin, base::Duration end,
               std::vector<std::string> needs = {}) {
  TaskRun run;
  run.name = std::move(name);
  run.needs = std::move(needs);
  run.state = TaskState::kDone;
  run.runnable = runnable;
  run.begin = begin;
  run.end = end;
  run.thread = 101;
  run.tries = 1;
  run.fraction = 1;
  return run;
}

Timeline start_of_kokoro() {
  Timeline timeline;
  timeline.started = std::chrono::system_clock::time_point{Millis{1'700'000'000'123}};
  timeline.main = Micros{1900};
  timeline.accuracy = StartAccuracy::kScheduled;
  timeline.now = Millis{200};
  timeline.process = 42;
  timeline.tasks = {run_of("hardware", Millis{2}, Millis{2}, Micros{2300}),
                    run_of("prefetch", Millis{3}, Millis{3}, Millis{40}, {"hardware"}),
                    run_of("kokoro", Millis{40}, Millis{60}, Millis{160}, {"prefetch"})};
  timeline.tasks[2].title = "kokoro";
  timeline.tasks[2].is_async = true;
  TaskRun warm;
  warm.name = "warm-up";
  warm.phase = Phase::kBackground;
  warm.needs = {"kokoro"};
  timeline.tasks.push_back(warm);
  timeline.spans = {{"model.open.text_side", 102, Millis{62}, Millis{150}},
                    {"model.open.vocoder", 103, Millis{62}, Millis{120}}};
  timeline.marks = {{"listen", 100, Millis{3}}, {"ready", 101, Millis{160}}};
  timeline.notes = {{"kokoro", "stage", "open", 101, Millis{62}}};
  timeline.memory = {{Millis{40}, 90_MiB}};
  timeline.threads = {{100, "main"}, {101, "hearth-start"}};
  return timeline;
}

TEST(TerminalLines, TellHowManyHaveEndedWhichAndHowLong) {
  TaskRun run = run_of("whisper.open", Millis{1}, Millis{7}, Millis{100});
  run.title = "whisper";
  EXPECT_EQ(task_line(run, 2, 5), "[2/5] whisper  ready  93 ms");
  EXPECT_EQ(task_line(run, 2, 12, 9), "[ 2/12] whisper    ready  93 ms");
  run.tries = 2;
  EXPECT_EQ(task_line(run, 2, 5), "[2/5] whisper  ready  93 ms  (2 tries)");
}

TEST(TerminalLines, TellAFailureWithItsRemedy) {
  TaskRun run = run_of("whisper", Millis{1}, Millis{7}, Millis{8});
  run.state = TaskState::kFailed;
  run.error = base::Error{base::Code::kNotFound, "whisper-base is not here", "hearth models pull whisper-base"};
  EXPECT_EQ(task_line(run, 1, 1),
            "[1/1] whisper  failed  1.0 ms  whisper-base is not here; hearth models pull whisper-base");
  run.begin.reset();
  run.state = TaskState::kBlocked;
  EXPECT_THAT(task_line(run, 1, 1), HasSubstr("whisper  blocked  whisper-base is not here"));
}

TEST(TerminalLines, DurationsHaveThreeDigitsAtMost) {
  EXPECT_EQ(duration_text(Micros{0}), "0 µs");
  EXPECT_EQ(duration_text(Micros{412}), "412 µs");
  EXPECT_EQ(duration_text(Micros{999}), "999 µs");
  EXPECT_EQ(duration_text(Micros{1940}), "1.9 ms");
  EXPECT_EQ(duration_text(Micros{9960}), "10 ms");
  EXPECT_EQ(duration_text(Micros{93'400}), "93 ms");
  EXPECT_EQ(duration_text(Micros{999'600}), "1.00 s");
  EXPECT_EQ(duration_text(Millis{1240}), "1.24 s");
  EXPECT_EQ(duration_text(Millis{12'340}), "12.3 s");
  EXPECT_EQ(duration_text(Millis{125'000}), "2 min 05 s");
  EXPECT_EQ(duration_text(Millis{-5}), "0 µs");
}

TEST(Waterfall, DrawsEachTaskOnOneAxis) {
  EXPECT_EQ(waterfall(start_of_kokoro(), Glyphs::kAscii, 72), R"(start  listen 3.0 ms | ready 160 ms
                                   0              80 ms           160 ms
exec to main               1.9 ms  #
hardware                   300 us  #
prefetch                    37 ms  ##########
kokoro                     100 ms           ....########################
warm-up                         -   waiting
  model.open.text_side      88 ms                #####################
  model.open.vocoder        58 ms                ##############
)");
}

TEST(Waterfall, UsesPartsOfACellWhereItCan) {
  EXPECT_EQ(waterfall(start_of_kokoro(), Glyphs::kUnicode, 72), R"(start  listen 3.0 ms · ready 160 ms
                                   0              80 ms           160 ms
exec to main               1.9 ms  ▌
hardware                   300 µs  ▋
prefetch                    37 ms  █████████▎
kokoro                     100 ms           ░░░░████████████████████████
warm-up                         -   waiting
  model.open.text_side      88 ms                ████████████████████▊
  model.open.vocoder        58 ms                █████████████▊
)");
}

std::size_t columns_of(std::string_view line) {
  std::size_t columns = 0;
  for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return columns;
}

TEST(Waterfall, IsNeverWiderThanThePage) {
  Timeline timeline = start_of_kokoro();
  timeline.tasks[0].name = std::string(80, 'n');
  timeline.tasks[2].state = TaskState::kFailed;
  timeline.tasks[2].tries = 2;
  timeline.marks.clear();
  for (const int columns : {1, 60, 80, 100, 200}) {
    std::string_view text;
    const std::string drawn = waterfall(timeline, Glyphs::kUnicode, columns);
    for (text = drawn; !text.empty(); text.remove_prefix(text.find('\n') + 1)) {
      EXPECT_LE(columns_of(text.substr(0, text.find('\n'))), static_cast<std::size_t>(std::max(columns, 60)));
    }
  }
}

TEST(Waterfall, ALateFirstAudioDoesNotStretchTheAxis) {
  Timeline timeline = start_of_kokoro();
  const std::string before = waterfall(timeline);
  timeline.marks.push_back({"first_audio", 101, Millis{60'000}});
  const std::string after = waterfall(timeline);
  EXPECT_EQ(before.substr(before.find('\n')), after.substr(after.find('\n')));
  EXPECT_THAT(after, HasSubstr("first_audio 60.0 s"));
}

TEST(Waterfall, OfNothingIsDrawnToo) {
  EXPECT_THAT(waterfall(Timeline{}), HasSubstr("start\n"));
  Timeline many;
  for (int i = 0; i < 5000; ++i) many.tasks.push_back(run_of("t" + std::to_string(i), Millis{1}, Millis{1}, Millis{2}));
  EXPECT_THAT(waterfall(many), HasSubstr("and 4900 more\n"));
}

TEST(Waterfall, TakesAsciiWhereTheLocaleIsNotUtf8) {
  EXPECT_EQ(glyphs_for(nullptr, nullptr, "en_US.UTF-8"), Glyphs::kUnicode);
  EXPECT_EQ(glyphs_for("C", nullptr, "en_US.UTF-8"), Glyphs::kAscii);
  EXPECT_EQ(glyphs_for("", "C.utf8", "C"), Glyphs::kUnicode);
  EXPECT_EQ(glyphs_for(nullptr, nullptr, nullptr), Glyphs::kAscii);
}

/// Whether brackets and quotes balance and nothing follows; the rest of the grammar is JsonWriter's own test.
bool is_balanced_json(std::string_view text) {
  std::string open;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      open += c == '{' ? '}' : ']';
    } else if (c == '}' || c == ']') {
      if (open.empty() || open.back() != c) return false;
      open.pop_back();
      if (open.empty() && i + 1 != text.size()) return false;
    }
  }
  return open.empty() && !in_string;
}

TEST(TimelineJson, SaysAllThatIsKnown) {
  const std::string json = timeline_json(start_of_kokoro());
  EXPECT_TRUE(is_balanced_json(json)) << json;
  EXPECT_THAT(
      json, HasSubstr(R"("version":1,"started_unix_ms":1700000000123,"process":42,"now_ms":200.000,"main_ms":1.900)"));
  EXPECT_THAT(json, HasSubstr(R"("settled":false,"marks":{"listen":3.000,"ready":160.000})"));
  EXPECT_THAT(json,
              HasSubstr(R"({"name":"kokoro","title":"kokoro","phase":"critical","state":"done","needs":["prefetch"],)"
                        R"("runnable_ms":40.000,"begin_ms":60.000,"end_ms":160.000,"took_ms":100.000)"));
  EXPECT_THAT(json,
              HasSubstr(R"({"name":"warm-up","phase":"background","state":"waiting","needs":["kokoro"],"tries":0)"));
  EXPECT_THAT(json, HasSubstr(R"({"at_ms":40.000,"resident_bytes":94371840})"));
}

TEST(TimelineJson, EscapesWhatTasksSay) {
  Timeline timeline = start_of_kokoro();
  timeline.tasks[0].error = base::Error{base::Code::kIo, "say \"hi\"\n\xff", ""};
  EXPECT_THAT(timeline_json(timeline), HasSubstr("\"message\":\"say \\\"hi\\\"\\n\xef\xbf\xbd\""));
  EXPECT_TRUE(is_balanced_json(trace_events_json(timeline)));
}

TEST(TraceEvents, AreWhatTraceViewersRead) {
  const std::string json = trace_events_json(start_of_kokoro());
  EXPECT_TRUE(is_balanced_json(json)) << json;
  EXPECT_THAT(
      json,
      HasSubstr(
          R"({"ph":"M","name":"thread_name","cat":"__metadata","pid":42,"tid":101,"ts":0.000,"args":{"name":"hearth-start"}})"));
  EXPECT_THAT(
      json,
      HasSubstr(R"({"ph":"X","name":"exec to main","cat":"process","pid":42,"tid":0,"ts":0.000,"dur":1900.000})"));
  EXPECT_THAT(
      json,
      HasSubstr(
          R"({"ph":"X","name":"prefetch","cat":"task","pid":42,"tid":101,"ts":3000.000,"dur":37000.000,"args":{"state":"done")"));
  EXPECT_THAT(json, HasSubstr(R"({"ph":"b","name":"kokoro","cat":"task","pid":42,"tid":101,"ts":60000.000,"id":3)"));
  EXPECT_THAT(json, HasSubstr(R"({"ph":"e","name":"kokoro","cat":"task","pid":42,"tid":101,"ts":160000.000,"id":3})"));
  EXPECT_THAT(json, HasSubstr(R"({"ph":"i","name":"ready","cat":"mark","pid":42,"tid":101,"ts":160000.000,"s":"p"})"));
  EXPECT_THAT(
      json,
      HasSubstr(
          R"({"ph":"C","name":"resident memory","cat":"memory","pid":42,"tid":0,"ts":40000.000,"args":{"bytes":94371840}})"));
  EXPECT_THAT(json, Not(HasSubstr("warm-up\""))) << "it has not begun";
}

TEST(TraceEvents, OfATaskTriedAgainNeedNotNestInAThread) {
  Timeline timeline = start_of_kokoro();
  timeline.tasks[1].tries = 2;
  const std::string json = trace_events_json(timeline);
  EXPECT_THAT(json, HasSubstr(R"({"ph":"b","name":"prefetch","cat":"task","pid":42,"tid":101,"ts":3000.000,"id":2)"));
  EXPECT_THAT(json, HasSubstr(R"({"ph":"e","name":"prefetch","cat":"task","pid":42,"tid":101,"ts":40000.000,"id":2})"));
}

TEST(TimelineMetrics, AreSetFromTheTimelineAndStayTheSame) {
  observe::Metrics metrics;
  Timeline timeline = start_of_kokoro();
  timeline.tasks[1].tries = 2;
  publish_timeline(timeline, metrics);
  const std::string once = metrics.render();
  publish_timeline(timeline, metrics);
  EXPECT_EQ(metrics.render(), once);
  EXPECT_THAT(once, HasSubstr("hearth_startup_task_seconds{task=\"kokoro\"} 0.1\n"));
  EXPECT_THAT(once, HasSubstr("hearth_startup_mark_seconds{mark=\"ready\"} 0.16\n"));
  EXPECT_THAT(once, HasSubstr("hearth_startup_tasks{state=\"done\"} 3\n"));
  EXPECT_THAT(once, HasSubstr("hearth_startup_tasks{state=\"failed\"} 0\n"));
  EXPECT_THAT(once, HasSubstr("hearth_startup_retries 1\n"));
  EXPECT_THAT(once, HasSubstr("hearth_startup_exec_to_main_seconds 0.0019\n"));
}

}  // namespace
}  // namespace hearth::startup
