#include "startup/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::startup {
namespace {

using base::Code;
using base::Error;
using ::testing::ElementsAre;

const Error kBroken{Code::kNotFound, "kokoro.onnx is missing", "hearth models pull kokoro"};

TEST(Readiness, IsReadyWhenAllThatIsRequiredHasBeen) {
  Readiness readiness({"kokoro", "whisper"});
  EXPECT_EQ(readiness.view().state, ReadyState::kStarting);
  EXPECT_THAT(readiness.view().pending, ElementsAre("kokoro", "whisper"));
  readiness.on_ready("whisper");
  EXPECT_THAT(readiness.view().pending, ElementsAre("kokoro"));
  EXPECT_FALSE(readiness.view().ok());
  readiness.on_ready("kokoro");
  EXPECT_TRUE(readiness.view().ok());
}

TEST(Readiness, WhereOneIsEnoughAFailureLeavesTheOthersServing) {
  Readiness readiness({"kokoro", "whisper", "silero"}, Enough::kAny);
  readiness.on_failed("kokoro", kBroken);
  EXPECT_EQ(readiness.view().state, ReadyState::kStarting) << "the others are on their way";
  readiness.on_ready("whisper");
  EXPECT_EQ(readiness.view().state, ReadyState::kStarting);
  readiness.on_failed("silero", kBroken);
  EXPECT_TRUE(readiness.view().ok());
  EXPECT_EQ(readiness.view().failed.size(), 2U) << "and they are told";
  readiness.on_failed("whisper", kBroken);
  EXPECT_EQ(readiness.view().state, ReadyState::kFailed) << "nothing is left";
}

TEST(Readiness, WithNothingRequiredIsReadyAtOnce) { EXPECT_TRUE(Readiness({}).view().ok()); }

TEST(Readiness, WhatIsNotRequiredChangesNothing) {
  Readiness readiness({"kokoro"});
  readiness.on_ready("other");
  EXPECT_FALSE(readiness.view().ok());
  readiness.on_ready("kokoro");
  readiness.on_failed("other", kBroken);
  EXPECT_TRUE(readiness.view().ok());
}

TEST(Readiness, TellsARequiredFailureWithItsCauseUntilItIsMended) {
  Readiness readiness({"kokoro", "whisper"});
  readiness.on_ready("whisper");
  readiness.on_failed("kokoro", kBroken);
  EXPECT_EQ(readiness.view().state, ReadyState::kFailed);
  ASSERT_EQ(readiness.view().failed.size(), 1u);
  EXPECT_EQ(readiness.view().failed[0].second, kBroken);
  readiness.on_ready("kokoro");
  EXPECT_TRUE(readiness.view().ok());
  readiness.on_failed("kokoro", kBroken);
  EXPECT_FALSE(readiness.view().ok()) << "a later load that fails is told too";
}

TEST(Readiness, DrainingIsForGood) {
  Readiness readiness({"kokoro"});
  readiness.on_ready("kokoro");
  readiness.start_draining();
  readiness.on_ready("kokoro");
  EXPECT_EQ(readiness.view().state, ReadyState::kDraining);
}

TEST(Readiness, ANameRequiredTwiceCountsOnce) {
  Readiness readiness({"kokoro", "kokoro"});
  readiness.on_ready("kokoro");
  EXPECT_TRUE(readiness.view().ok());
}

TEST(Readiness, EveryStandingOfOneModelIsJudged) {
  const auto state_of = [](Standing standing, bool is_draining) {
    return judge({Required{"m", standing, {}}}, Enough::kAll, is_draining).state;
  };
  EXPECT_EQ(state_of(Standing::kPending, false), ReadyState::kStarting);
  EXPECT_EQ(state_of(Standing::kReady, false), ReadyState::kReady);
  EXPECT_EQ(state_of(Standing::kFailed, false), ReadyState::kFailed);
  for (const Standing standing : {Standing::kPending, Standing::kReady, Standing::kFailed}) {
    EXPECT_EQ(state_of(standing, true), ReadyState::kDraining);
  }
}

}  // namespace
}  // namespace hearth::startup
