#include "app/late_preparations.h"

#include <gtest/gtest.h>

#include <optional>

#include "testing/fake_clock.h"
#include "testing/manual_executor.h"
#include "testing/temp_dir.h"

namespace hearth::app {
namespace {

using base::Code;
using base::Result;

class LatePreparationsTest : public ::testing::Test {
 protected:
  LatePreparations::Job job(const std::string& model, Result<void> result = {}) {
    return [this, model, result](const std::stop_token& stop) {
      ran_.push_back(model);
      last_ = stop;
      return result;
    };
  }
  LatePreparations& make(std::map<std::string, LatePreparations::Job> jobs) {
    return late_.emplace(executor_, recorder_, std::move(jobs));
  }
  testing::FakeClock clock_;
  startup::Recorder recorder_{clock_, {clock_.now(), clock_.now(), startup::StartAccuracy::kScheduled}};
  testing::ManualExecutor executor_;
  std::vector<std::string> ran_;
  std::stop_token last_;
  std::optional<LatePreparations> late_;
};

TEST_F(LatePreparationsTest, AModelIsPreparedOnceAfterItsFirstLoad) {
  LatePreparations& late = make({{"a", job("a")}, {"b", job("b")}});
  EXPECT_EQ(executor_.run_all(), 0);
  late.on_loaded("a");
  EXPECT_TRUE(ran_.empty()) << "not on the registry's strand";
  executor_.run_all();
  late.on_loaded("a");  // unloaded meanwhile
  late.on_loaded("another");
  executor_.run_all();
  EXPECT_EQ(ran_, std::vector<std::string>{"a"});
  ASSERT_EQ(recorder_.snapshot().spans.size(), 1U);
  EXPECT_EQ(recorder_.snapshot().spans[0].name, "a.prepare");
}

TEST_F(LatePreparationsTest, OneFollowsTheOtherAndAFailureEndsItAlone) {
  LatePreparations& late = make({{"a", job("a", base::fail(Code::kInternal, "no room"))}, {"b", job("b")}});
  late.on_loaded("a");
  late.on_loaded("b");
  EXPECT_EQ(executor_.pending(), 1U);
  executor_.run_one();
  EXPECT_EQ(ran_, std::vector<std::string>{"a"});
  executor_.run_all();
  EXPECT_EQ(ran_, (std::vector<std::string>{"a", "b"}));
}

TEST_F(LatePreparationsTest, AServerThatEndsStopsWhatRunsAndBeginsNothing) {
  LatePreparations& late = make({{"a", job("a")}, {"b", job("b")}});
  late.on_loaded("a");
  late.on_loaded("b");
  executor_.run_one();
  EXPECT_FALSE(last_.stop_requested());
  late.request_stop();
  EXPECT_TRUE(last_.stop_requested());
  executor_.run_all();
  EXPECT_EQ(ran_, std::vector<std::string>{"a"});
}

TEST_F(LatePreparationsTest, WhatIsQueuedGoesWithIt) {
  make({{"a", job("a")}}).on_loaded("a");
  late_.reset();
  executor_.run_all();
  EXPECT_TRUE(ran_.empty());
}

TEST(LateJobs, AreForModelsThatLoadOnDemandAndHaveSomethingToPrepare) {
  const testing::TempDir dir;
  config::Loaded loaded;
  loaded.folders = {dir / "config", dir / "cache", dir / "state"};
  Workshop workshop(loaded, 1);
  std::vector<store::ServedModel> served(4);
  const auto set = [&](std::size_t i, const char* name, const char* engine, config::Load load) {
    served[i].spec.name = served[i].config.name = name;
    served[i].spec.engine = engine;
    served[i].config.load = load;
  };
  set(0, "required", "llama", config::Load::kRequired);
  set(1, "writer", "llama", config::Load::kOnDemand);
  set(2, "detector", "silero", config::Load::kOnDemand);
  set(3, "stranger", "no engine", config::Load::kOnDemand);
  const auto jobs = make_late_jobs(workshop, served);
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_TRUE(jobs.contains("writer"));
}

}  // namespace
}  // namespace hearth::app
