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

TEST(Readiness, DoesNotFlapWhenAModelLoadsIdlesOrUnloads) {
  Readiness readiness({"kokoro"});
  readiness.on_ready("kokoro");
  readiness.on_pending("kokoro");
  EXPECT_TRUE(readiness.view().ok()) << "unloaded when idle: it loads on demand";
  readiness.on_pending("other");
  readiness.on_failed("other", kBroken);
  EXPECT_TRUE(readiness.view().ok()) << "what is not required changes nothing";
}

TEST(Readiness, TellsARequiredFailureWithItsCauseUntilItIsMended) {
  Readiness readiness({"kokoro", "whisper"});
  readiness.on_ready("whisper");
  readiness.on_failed("kokoro", kBroken);
  EXPECT_EQ(readiness.view().state, ReadyState::kFailed);
  ASSERT_EQ(readiness.view().failed.size(), 1u);
  EXPECT_EQ(readiness.view().failed[0].second, kBroken);
  readiness.on_pending("kokoro");
  EXPECT_EQ(readiness.view().state, ReadyState::kFailed) << "a try that runs is no success";
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
  struct Case {
    Standing standing;
    bool was_ready, draining;
    ReadyState expected;
  };
  for (const Case& one : {Case{Standing::kPending, false, false, ReadyState::kStarting},
                          Case{Standing::kPending, true, false, ReadyState::kReady},
                          Case{Standing::kReady, true, false, ReadyState::kReady},
                          Case{Standing::kFailed, false, false, ReadyState::kFailed},
                          Case{Standing::kFailed, true, false, ReadyState::kFailed},
                          Case{Standing::kFailed, true, true, ReadyState::kDraining},
                          Case{Standing::kPending, false, true, ReadyState::kDraining}}) {
    const ReadyView view = judge({Required{"m", one.standing, one.was_ready, {}}}, Enough::kAll, one.draining);
    EXPECT_EQ(view.state, one.expected) << ready_state_name(one.expected);
  }
}

}  // namespace
}  // namespace hearth::startup
