#include "measure/report.h"

#include <gmock/gmock.h>

namespace hearth::measure {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<Start> three_starts() {
  return {{Cache::kWarm, {{"listening", 5}, {"ready", 40}}},
          {Cache::kCold, {{"listening", 9}, {"ready", 300}}},
          {Cache::kWarm, {{"listening", 7}, {"ready", 60}}}};
}

TEST(Report, KeepsWarmAndColdApart) {
  const auto rows = summarise(three_starts());
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[1].name, "ready");
  EXPECT_EQ(rows[1].cache, Cache::kWarm);
  EXPECT_DOUBLE_EQ(rows[1].median, 50);
  EXPECT_DOUBLE_EQ(rows[1].best, 40);
  EXPECT_DOUBLE_EQ(rows[1].worst, 60);
  EXPECT_EQ(rows[1].starts, 2U);
  EXPECT_EQ(rows[3].cache, Cache::kCold);
  EXPECT_DOUBLE_EQ(rows[3].median, 300);
}

TEST(Report, TheMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle) {
  EXPECT_DOUBLE_EQ(median({7}), 7);
  EXPECT_DOUBLE_EQ(median({9, 1, 5}), 5);
  EXPECT_DOUBLE_EQ(median({9, 1, 5, 2}), 3.5);
}

TEST(Report, IsItsOwnBaseline) {
  const auto rows = summarise(three_starts());
  const auto baseline = read_baseline(json(rows, three_starts()));
  ASSERT_TRUE(baseline);
  EXPECT_DOUBLE_EQ(baseline->at("warm ready"), 50);
  EXPECT_DOUBLE_EQ(baseline->at("cold listening"), 9);
  EXPECT_THAT(table(rows, *baseline), HasSubstr("+0.0%"));
}

TEST(Report, TellsTheRulesWhereTheyWereJudged) {
  const auto rows = summarise(three_starts());
  EXPECT_THAT(json(rows, three_starts()), Not(HasSubstr("rules")));
  const Rules rules{WallRule{600, 1000, 100, 100, 2}, MemoryRule{base::Bytes{130}, base::Bytes{100}, base::Bytes{120}}};
  const std::string told = json(rows, three_starts(), rules);
  EXPECT_THAT(told, HasSubstr(R"("allowed_ms": 600.0)"));
  EXPECT_THAT(told, HasSubstr(R"("ratio": 1.3)"));
  EXPECT_TRUE(read_baseline(told));
}

TEST(Report, NamesWhatFailedAndWhatWasLate) {
  auto starts = three_starts();
  EXPECT_TRUE(faults_of(starts, base::Millis{300}).empty());
  EXPECT_THAT(faults_of(starts, base::Millis{299}), testing::ElementsAre("ready after 300 ms, later than 299 ms"));
  starts[0].failures = {{"bad", "it is damaged"}, {"worse", "blocked"}};
  starts[2].failures = {{"bad", "it is damaged"}};
  EXPECT_THAT(faults_of(starts, base::Millis{300}),
              testing::ElementsAre("bad failed 2 times: it is damaged", "worse failed: blocked"));
}

TEST(Report, TellsInJsonWhetherItPassed) {
  auto starts = three_starts();
  EXPECT_THAT(json(summarise(starts), starts), HasSubstr(R"("passed": true)"));
  starts[0].failures = {{"bad", "it is damaged"}};
  const std::string told = json(summarise(starts), starts, {}, faults_of(starts, base::Millis{300}));
  EXPECT_THAT(told, HasSubstr(R"("passed": false)"));
  EXPECT_THAT(told, HasSubstr(R"("bad failed: it is damaged")"));
  EXPECT_THAT(told, HasSubstr(R"("task": "bad")"));
  EXPECT_TRUE(read_baseline(told));
}

TEST(Report, TellsTheChangeAgainstABaseline) {
  const auto rows = summarise(three_starts());
  const std::string shown = table(rows, Baseline{{"warm ready", 100}});
  EXPECT_THAT(shown, HasSubstr("-50.0%"));
  EXPECT_THAT(shown, HasSubstr("new"));
  EXPECT_THAT(table(rows, std::nullopt), Not(HasSubstr("baseline")));
}

TEST(Report, RefusesWhatIsNoBaseline) {
  for (const char* text : {"", "[]", "{}", R"({"rows":[{"name":"ready"}]})", R"({"rows":{}})", "not json"}) {
    EXPECT_FALSE(read_baseline(text)) << text;
  }
}

TEST(Report, DrawsEveryRowAndEscapesNames) {
  const std::string drawn = svg({{Cache::kWarm, "a<b", 10, 5, 20, 3}}, "R&D");
  EXPECT_THAT(drawn, HasSubstr("a&lt;b (warm)"));
  EXPECT_THAT(drawn, HasSubstr("R&amp;D"));
  EXPECT_THAT(drawn, HasSubstr("</svg>"));
  EXPECT_THAT(svg({}, "nothing"), HasSubstr("</svg>"));
}

}  // namespace
}  // namespace hearth::measure
