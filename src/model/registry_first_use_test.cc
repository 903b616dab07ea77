// A load makes no test inference: what a model's first real one shows, and what follows from it.

#include <gtest/gtest.h>

#include "model/fake_world.h"
#include "model/policy/first_use.h"
#include "model/registry.h"

namespace hearth::model {
namespace {

using base::Code;
using base::Millis;

void use_badly(World& world, const std::string& name, Code code) {
  Ticket& ticket = world.ask(name);
  world.run();
  ASSERT_TRUE(ticket.ok());
  ticket.give_back_failed(code, "odd output");
  world.run();
}

TEST(FirstUse, OnlyAnEnginesOwnFailureOfAModelThatNothingValidatedCondemns) {
  const auto failed = [](Code code) { return UseResult(base::fail(code, "made to fail")); };
  const UseResult served = base::Result<void>{};
  EXPECT_EQ(judge_use(served, false), UseVerdict::kServed);
  EXPECT_EQ(judge_use(served, true), UseVerdict::kServed);
  EXPECT_EQ(judge_use({}, false), UseVerdict::kUnknown);
  for (const Code code : {Code::kInternal, Code::kCorrupt}) {
    EXPECT_EQ(judge_use(failed(code), false), UseVerdict::kBroken);
    EXPECT_EQ(judge_use(failed(code), true), UseVerdict::kUnknown);
  }
  for (const Code code : {Code::kInvalidArgument, Code::kUnsupported, Code::kCancelled, Code::kExhausted}) {
    EXPECT_EQ(judge_use(failed(code), false), UseVerdict::kUnknown);
  }
}

TEST(FirstUse, ABrokenModelIsFailedWithItsCauseAndTheNextDemandLoadsItAnew) {
  World world;
  world.add("tts");
  use_badly(world, "tts", Code::kInternal);
  EXPECT_EQ(world.state("tts"), State::kFailed);
  ASSERT_TRUE(world.look("tts").cause);
  EXPECT_EQ(world.look("tts").cause->message, "odd output");
  EXPECT_EQ(world.look("tts").failures, 1);
  EXPECT_EQ(world.events.broken, (std::vector<std::string>{"tts: odd output"}));
  EXPECT_EQ(world.loader("tts").alive(), 0);
  EXPECT_EQ(world.registry().snapshot()->committed, base::Bytes{0});
  world.serve("tts");
  EXPECT_EQ(world.state("tts"), State::kIdle);
  EXPECT_EQ(world.loader("tts").loads(), 2);
  EXPECT_FALSE(world.look("tts").cause);
}

TEST(FirstUse, AModelThatHasServedIsNotCondemnedByALaterFailure) {
  World world;
  world.add("tts");
  world.serve("tts");
  use_badly(world, "tts", Code::kInternal);
  EXPECT_EQ(world.state("tts"), State::kIdle);
  EXPECT_TRUE(world.events.broken.empty());
}

TEST(FirstUse, AWarmUpValidatesToo) {
  for (const WarmUp when : {WarmUp::kAfterReady, WarmUp::kBeforeReady}) {
    World world;
    world.add("tts").warm_up = when;
    world.registry().ensure_ready("tts", Wait::forever(), [](auto) {});
    world.run();
    use_badly(world, "tts", Code::kInternal);
    EXPECT_EQ(world.state("tts"), State::kIdle);
  }
}

TEST(FirstUse, AFailedWarmUpDoesNot) {
  World world;
  world.add("tts").warm_up = WarmUp::kBeforeReady;
  world.loader("tts").fail_next_warm_up({Code::kInternal, "odd output", {}});
  use_badly(world, "tts", Code::kCorrupt);
  EXPECT_EQ(world.state("tts"), State::kFailed);
}

TEST(FirstUse, AClientsMistakeShowsNothing) {
  World world;
  world.add("tts").warm_up = WarmUp::kAfterReady;
  use_badly(world, "tts", Code::kInvalidArgument);
  EXPECT_EQ(world.state("tts"), State::kIdle);
  EXPECT_EQ(world.look("tts").warm_ups, 1) << "the mistake did not do what a warm-up does";
}

TEST(FirstUse, AUseThatCameToNoInferenceShowsNothing) {
  World world;
  world.add("tts").warm_up = WarmUp::kAfterReady;
  Ticket& left = world.ask("tts");
  world.run();
  left.give_back();
  world.decide();
  EXPECT_EQ(world.look("tts").warmth, Warmth::kWarming) << "the client left before the engine was asked";
  World other;
  other.add("tts");
  Ticket& gone = other.ask("tts");
  other.run();
  gone.give_back();
  other.run();
  use_badly(other, "tts", Code::kInternal);
  EXPECT_EQ(other.state("tts"), State::kFailed);
}

TEST(FirstUse, AFailureCountsMoreThanHavingServed) {
  World world;
  world.add("tts");
  Ticket& ticket = world.ask("tts");
  world.run();
  ticket.answer->value().note_served();
  ticket.give_back_failed(Code::kInternal);
  world.run();
  EXPECT_EQ(world.state("tts"), State::kFailed);
}

TEST(FirstUse, ALookThatFailsCondemnsNothing) {
  World world;
  world.add("tts");
  Ticket& look = world.ask("tts", Wait::forever(), {}, LeaseUse::kLook);
  world.run();
  look.give_back_failed(Code::kInternal);
  world.run();
  EXPECT_EQ(world.state("tts"), State::kIdle);
  EXPECT_EQ(world.look("tts").warmth, Warmth::kCold);
}

TEST(FirstUse, WhoUsesItStillFinishesAndWhoComesMeanwhileGetsANewInstance) {
  World world;
  world.add("tts");
  Ticket& first = world.ask("tts");
  Ticket& second = world.ask("tts");
  world.run();
  first.give_back_failed(Code::kInternal);
  world.run();
  EXPECT_EQ(world.state("tts"), State::kReady) << "the second still holds it";
  EXPECT_TRUE(world.look("tts").cause) << "and what is wrong is already told";
  Ticket& late = world.ask("tts");
  Ticket& hasty = world.ask("tts", Wait::none());
  world.run();
  EXPECT_TRUE(late.waits());
  EXPECT_EQ(hasty.code(), Code::kUnavailable);
  second.give_back();
  world.run();
  EXPECT_TRUE(late.ok());
  EXPECT_EQ(world.loader("tts").loads(), 2);
}

TEST(FirstUse, AModelThatBreaksAgainAndAgainRestsBetweenLoads) {
  World world;
  world.add("tts");
  use_badly(world, "tts", Code::kInternal);
  use_badly(world, "tts", Code::kInternal);
  Ticket& refused = world.ask("tts");
  world.run();
  ASSERT_FALSE(refused.waits());
  EXPECT_EQ(refused.code(), Code::kInternal);
  EXPECT_EQ(refused.answer->error().retry_after, Millis{5000});
  EXPECT_EQ(world.loader("tts").loads(), 2);
  world.pass(Millis{5000});
  world.serve("tts");
  EXPECT_EQ(world.state("tts"), State::kIdle);
  // It has served: the count begins anew.
  world.registry().unload("tts", IfLeased::kRefuse, [](auto) {});
  world.run();
  use_badly(world, "tts", Code::kInternal);
  world.serve("tts");
  EXPECT_EQ(world.state("tts"), State::kIdle);
}

TEST(FirstUse, WhoWaitsForAModelThatBrokeAgainIsToldSo) {
  World world;
  world.add("tts");
  use_badly(world, "tts", Code::kInternal);
  Ticket& first = world.ask("tts");
  Ticket& second = world.ask("tts");
  world.run();
  first.give_back_failed(Code::kInternal);
  world.run();
  Ticket& late = world.ask("tts");
  world.run();
  second.give_back_failed(Code::kInternal);
  world.run();
  ASSERT_FALSE(late.waits());
  EXPECT_EQ(late.code(), Code::kInternal);
}

TEST(FirstUse, UnloadingForgivesIt) {
  World world;
  world.add("tts");
  Ticket& first = world.ask("tts");
  Ticket& second = world.ask("tts");
  world.run();
  first.give_back_failed(Code::kInternal);
  bool gone = false;
  world.registry().unload("tts", IfLeased::kWait, [&](auto result) { gone = result.has_value(); });
  world.run();
  second.give_back();
  world.run();
  EXPECT_TRUE(gone);
  EXPECT_EQ(world.state("tts"), State::kAbsent);
  EXPECT_FALSE(world.look("tts").cause);
}

TEST(FirstUse, ABrokenModelLeavesQuietlyAtShutDown) {
  World world;
  world.add("tts");
  Ticket& ticket = world.ask("tts");
  world.run();
  world.registry().shutdown();
  ticket.give_back_failed(Code::kInternal);
  world.run();
  EXPECT_EQ(world.state("tts"), State::kAbsent);
  EXPECT_EQ(world.loader("tts").alive(), 0);
}

}  // namespace
}  // namespace hearth::model
