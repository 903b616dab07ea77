#include "observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <thread>

namespace hearth::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, RendersEachKindAsPrometheusText) {
  Metrics metrics;
  metrics.counter("hearth_loads_total", "Model loads.", {{"model", "kokoro"}, {"result", "ok"}}).add(2);
  metrics.gauge("hearth_memory_bytes", "Memory.").set(1024);
  const Histogram seconds = metrics.histogram("hearth_load_seconds", "Load time.", {0.1, 1}, {{"model", "kokoro"}});
  seconds.observe(0.05);
  seconds.observe(5);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("# HELP hearth_loads_total Model loads.\n# TYPE hearth_loads_total counter\n"
                              "hearth_loads_total{model=\"kokoro\",result=\"ok\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE hearth_memory_bytes gauge\nhearth_memory_bytes 1024\n"));
  EXPECT_THAT(text, HasSubstr("hearth_load_seconds_bucket{model=\"kokoro\",le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("hearth_load_seconds_bucket{model=\"kokoro\",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("hearth_load_seconds_count{model=\"kokoro\"} 2\n"));
}

TEST(Metrics, SameNameAndLabelsAreOneSeriesInAnyLabelOrder) {
  Metrics metrics;
  metrics.counter("c", "h", {{"a", "1"}, {"b", "2"}}).add();
  metrics.counter("c", "h", {{"b", "2"}, {"a", "1"}}).add();
  EXPECT_EQ(metrics.counter("c", "h", {{"a", "1"}, {"b", "2"}}).value(), 2);
}

TEST(Metrics, CounterOnlyGoesUp) {
  Metrics metrics;
  const Counter counter = metrics.counter("c", "h");
  counter.add(3);
  counter.add(-1);
  counter.add(std::numeric_limits<double>::infinity());
  counter.add(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(counter.value(), 3);
}

TEST(Metrics, SeriesBeyondTheLimitCountAsOther) {
  Metrics metrics;
  for (std::size_t i = 0; i < Metrics::kMaxSeries + 50; ++i)
    metrics.counter("c", "h", {{"path", std::to_string(i)}}).add();
  EXPECT_EQ(metrics.counter("c", "h", {{"path", "other"}}).value(), 50);
  EXPECT_EQ(metrics.counter("c", "h", {{"path", "7"}}).value(), 1) << "those before the limit keep counting apart";
}

TEST(Metrics, WrongNamesAreLostAndBreakNothing) {
  Metrics metrics;
  metrics.counter("good", "h").add();
  metrics.counter("bad name", "h").add();
  metrics.counter("", "h").add();
  metrics.gauge("good", "a counter has it").set(1);
  metrics.counter("labels", "h", {{"__own", "x"}}).add();
  metrics.counter("labels", "h", {{"a", "x"}, {"a", "y"}}).add();
  metrics.histogram("histogram", "h", {2, 1}).observe(1);
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("good 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("bad")));
  EXPECT_THAT(text, Not(HasSubstr("labels")));
}

TEST(Metrics, LabelValuesAreEscapedShortAndUtf8) {
  Metrics metrics;
  metrics.counter("c", "h", {{"v", "a\"b\\c\nd\xff"}}).add();
  metrics.counter("c", "h", {{"v", std::string(5000, 'x')}}).add();
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("c{v=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr(std::string(201, 'x'))));
}

TEST(Metrics, RefreshesBeforeItRenders) {
  Metrics metrics;
  int scrapes = 0;
  metrics.on_render([&](Metrics& all) { all.gauge("scrapes", "h").set(++scrapes); });
  (void)metrics.render();
  EXPECT_THAT(metrics.render(), HasSubstr("scrapes 2\n"));
}

TEST(Metrics, CountsEveryThread) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&metrics, thread] {
        for (int i = 0; i < 500; ++i) metrics.counter("c", "h", {{"thread", std::to_string(thread % 2)}}).add();
        (void)metrics.render();
      });
    }
  }
  EXPECT_EQ(metrics.counter("c", "h", {{"thread", "0"}}).value(), 1000);
}

TEST(Metrics, BucketsAscend) {
  for (const auto& bounds : {latency_buckets(), load_buckets()}) {
    EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end()));
    EXPECT_LE(bounds.size(), 20u);
  }
}

}  // namespace
}  // namespace hearth::observe
