// One start of a server that does what a test wants (server_for_test.cc).

#include "measure/start_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/child.h"

namespace hearth::measure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

StartPlan plan_for(const char* what) {
  StartPlan plan;
  plan.command = {base::program_folder() / "measure_server_for_test", what, "0"};
  return plan;
}

std::vector<std::string> moments_of(const Start& start) {
  std::vector<std::string> names;
  for (const Moment& moment : start.moments) names.push_back(moment.name);
  return names;
}

TEST(StartRun, AModelThatFailedIsTold) {
  std::vector<std::string> steps;
  StartPlan plan = plan_for("half");
  plan.on_step = [&](const Step& step) { steps.push_back(step.what); };
  const auto start = run_start(plan, Cache::kWarm);
  ASSERT_TRUE(start) << start.error().line();
  EXPECT_THAT(moments_of(*start), ElementsAre("listening", "good", "ready"));
  EXPECT_EQ(start->failures, (std::vector<Failure>{{"bad", "it is damaged"}}));
  EXPECT_THAT(steps, ElementsAre("listening", "good ready", "bad failed: it is damaged"));
}

TEST(StartRun, AServerThatWillNotBeReadyIsNotWaitedFor) {
  const auto start = run_start(plan_for("never ready"), Cache::kWarm);
  ASSERT_TRUE(start) << start.error().line();
  EXPECT_THAT(moments_of(*start), ElementsAre("listening"));
  EXPECT_EQ(start->failures, (std::vector<Failure>{{"bad", "it is damaged; pull it again"}}));
}

TEST(StartRun, AStartThatIsNotReadyInTimeIsToldWithWhatWasThere) {
  StartPlan plan = plan_for("late");
  plan.most = std::chrono::milliseconds(750);
  base::Result<Start> start;
  do {  // until it listened in time, which a machine that is busy may not let it do
    plan.most *= 2;
    start = run_start(plan, Cache::kCold);
    ASSERT_TRUE(start) << start.error().line();
  } while (start->moments.empty() && plan.most < std::chrono::minutes(1));
  EXPECT_EQ(start->cache, Cache::kCold);
  EXPECT_THAT(moments_of(*start), ElementsAre("listening", "good"));
  EXPECT_EQ(start->failures,
            (std::vector<Failure>{{"start", "not ready within " + std::to_string(plan.most.count()) +
                                                " ms: bad still loads; raise --max-ready, or see hearth doctor"}}));
  EXPECT_EQ(start->at_ready.resident.count, 0) << "it was never ready";
}

TEST(StartRun, AServerThatDoesNotListenInTimeIsToldToo) {
  StartPlan plan = plan_for("silent");
  plan.most = std::chrono::milliseconds(50);
  const auto start = run_start(plan, Cache::kWarm);
  ASSERT_TRUE(start) << start.error().line();
  EXPECT_TRUE(start->moments.empty());
  ASSERT_EQ(start->failures.size(), 1U);
  EXPECT_THAT(start->failures[0].cause, HasSubstr("not listening within 50 ms"));
}

TEST(StartRun, EachModelGivesTheFirstResultThatItCan) {
  const std::vector<std::pair<const char*, const char*>> sorts = {
      {"writer", "first token"}, {"embedder", "first embedding"}, {"ranker", "first ranking"}};
  for (const auto& [what, moment] : sorts) {
    const auto start = run_start(plan_for(what), Cache::kWarm);
    ASSERT_TRUE(start) << what << ": " << start.error().line();
    ASSERT_GE(start->moments.size(), 3U) << what;
    EXPECT_EQ(start->moments[2].name, moment);
    EXPECT_TRUE(start->failures.empty()) << what;
  }
}

TEST(StartRun, AFirstResultThatNoModelCanGiveIsLeftOut) {
  const auto start = run_start(plan_for("mute"), Cache::kWarm);
  ASSERT_TRUE(start) << start.error().line();
  EXPECT_THAT(moments_of(*start), ElementsAre("listening", "ready"));
}

TEST(StartRun, AModelThatDoesNotAnswerIsAnError) {
  const auto start = run_start(plan_for("broken"), Cache::kWarm);
  ASSERT_FALSE(start);
  EXPECT_EQ(start.error().code, base::Code::kInternal);
  EXPECT_THAT(start.error().message, HasSubstr("first token did not come: "));
}

}  // namespace
}  // namespace hearth::measure
