#include "model/warmup.h"

#include <gtest/gtest.h>

#include "model/fake_world.h"

namespace hearth::model {
namespace {

using base::Code;
using base::Millis;

void preload(World& world, const std::string& name) {
  world.registry().ensure_ready(name, Wait::forever(), [](auto) {});
}

TEST(WarmUp, RunsOnceRightAfterReadyInTheBackground) {
  World world;
  world.add("tts").warm_up = WarmUp::kAfterReady;
  preload(world, "tts");
  world.decide();
  world.loads.run_all();
  world.decide();
  EXPECT_EQ(world.state("tts"), State::kReady) << "ready does not wait for the warm-up";
  EXPECT_EQ(world.look("tts").warmth, Warmth::kWarming);
  EXPECT_EQ(world.loader("tts").warm_ups(), 0);
  world.run();
  EXPECT_EQ(world.look("tts").warmth, Warmth::kWarm);
  EXPECT_EQ(world.look("tts").warm_ups, 1);
  world.serve("tts");
  world.pass(Millis{1000});
  EXPECT_EQ(world.loader("tts").warm_ups(), 1);
}

TEST(WarmUp, BeforeReadyIsPartOfTheLoad) {
  World world;
  world.add("tts").warm_up = WarmUp::kBeforeReady;
  Ticket& ticket = world.ask("tts");
  world.decide();
  world.loads.run_all();
  EXPECT_EQ(world.loader("tts").warm_ups(), 1);
  EXPECT_TRUE(ticket.waits());
  world.run();
  EXPECT_TRUE(ticket.ok());
  EXPECT_EQ(world.look("tts").warmth, Warmth::kWarm);
}

TEST(WarmUp, AFailedOneLeavesTheModelUsableButDegraded) {
  for (const WarmUp when : {WarmUp::kAfterReady, WarmUp::kBeforeReady}) {
    World world;
    world.add("tts").warm_up = when;
    world.loader("tts").fail_next_warm_up({Code::kInternal, "odd output", {}});
    preload(world, "tts");
    world.run();
    EXPECT_EQ(world.state("tts"), State::kReady);
    EXPECT_EQ(world.look("tts").warmth, Warmth::kDegraded);
    world.serve("tts");
    EXPECT_EQ(world.state("tts"), State::kIdle);
    EXPECT_EQ(world.look("tts").warmth, Warmth::kDegraded);
  }
}

TEST(WarmUp, OneThatThrowsIsAFailedOneAndAllGoesOn) {
  for (const WarmUp when : {WarmUp::kAfterReady, WarmUp::kBeforeReady}) {
    World world;
    world.options.max_loading = 1;
    world.add("tts").warm_up = when;
    world.add("stt");
    world.loader("tts").throw_next_warm_up();
    preload(world, "tts");
    world.run();
    EXPECT_EQ(world.look("tts").warmth, Warmth::kDegraded);
    ASSERT_EQ(world.events.warm_ups.size(), 1U);
    EXPECT_EQ(world.events.warm_ups[0].error->code, Code::kInternal);
    Ticket& next = world.ask("stt");
    world.run();
    EXPECT_TRUE(next.ok());
    bool gone = false;
    world.registry().unload("tts", IfLeased::kWait, [&](auto result) { gone = result.has_value(); });
    world.run();
    EXPECT_TRUE(gone);
    EXPECT_EQ(world.loader("tts").alive(), 0);
  }
}

TEST(WarmUp, ARealRequestComesFirstAndMakesItNeedless) {
  World world;
  world.add("tts").warm_up = WarmUp::kAfterReady;
  Ticket& ticket = world.ask("tts");
  world.run();
  ASSERT_TRUE(ticket.ok());
  EXPECT_EQ(world.loader("tts").warm_ups(), 0);
  ticket.give_back_served();
  world.run();
  EXPECT_EQ(world.loader("tts").warm_ups(), 0);
  EXPECT_EQ(world.look("tts").warmth, Warmth::kWarm);
}

TEST(WarmUp, ARequestDuringAWarmUpIsServedAtOnceAndStopsIt) {
  World world;
  world.add("tts").warm_up = WarmUp::kAfterReady;
  preload(world, "tts");
  world.decide();
  world.loads.run_all();
  world.decide();
  Ticket& ticket = world.ask("tts");
  world.decide();
  EXPECT_TRUE(ticket.ok());
  world.run();
  ASSERT_EQ(world.events.warm_ups.size(), 1U);
  EXPECT_EQ(world.events.warm_ups[0].error->code, Code::kCancelled);
  EXPECT_EQ(world.look("tts").warmth, Warmth::kCold);
  ticket.give_back_served();
  world.run();
  EXPECT_EQ(world.look("tts").warmth, Warmth::kWarm);
  EXPECT_EQ(world.loader("tts").warm_ups(), 0);
}

TEST(WarmUp, WaitsUntilNoModelLoadsAndNobodyIsServed) {
  World world;
  world.add("tts").warm_up = WarmUp::kAfterReady;
  world.add("stt");
  world.add("llm");
  Ticket& talk = world.ask("stt");
  world.run();
  preload(world, "tts");
  world.run();
  EXPECT_EQ(world.loader("tts").warm_ups(), 0) << "a request runs on another model";
  world.ask("llm", Wait::none());
  world.decide();
  talk.give_back();
  world.decide();
  world.background.run_all();
  EXPECT_EQ(world.loader("tts").warm_ups(), 0) << "another model loads";
  world.run();
  EXPECT_EQ(world.loader("tts").warm_ups(), 1);
  EXPECT_EQ(world.look("tts").warmth, Warmth::kWarm);
}

TEST(WarmUp, OneThatALoadInterruptedRunsAfterIt) {
  World world;
  world.add("tts").warm_up = WarmUp::kAfterReady;
  world.add("stt");
  preload(world, "tts");
  world.decide();
  world.loads.run_all();
  world.decide();
  EXPECT_EQ(world.look("tts").warmth, Warmth::kWarming);
  world.ask("stt", Wait::none());
  world.decide();
  world.background.run_all();
  world.decide();
  EXPECT_EQ(world.look("tts").warmth, Warmth::kCold);
  world.run();
  EXPECT_EQ(world.look("tts").warmth, Warmth::kWarm);
  EXPECT_EQ(world.loader("tts").warm_ups(), 1);
}

TEST(WarmUp, AnEngineThatCancelsByItselfIsDegradedAndNotAskedForEver) {
  World world;
  world.add("tts").warm_up = WarmUp::kAfterReady;
  world.loader("tts").fail_next_warm_up({Code::kCancelled, "for no reason", {}});
  preload(world, "tts");
  world.run();
  EXPECT_EQ(world.look("tts").warmth, Warmth::kDegraded);
  EXPECT_EQ(world.loader("tts").warm_ups(), 1);
}

TEST(WarmUp, AModelIsNotUnloadedUnderItsWarmUp) {
  World world;
  world.add("tts").warm_up = WarmUp::kAfterReady;
  preload(world, "tts");
  world.decide();
  world.loads.run_all();
  world.decide();
  bool gone = false;
  world.registry().unload("tts", IfLeased::kRefuse, [&](auto result) { gone = result.has_value(); });
  world.decide();
  EXPECT_EQ(world.state("tts"), State::kReady);
  EXPECT_EQ(world.loader("tts").alive(), 1);
  world.run();
  EXPECT_TRUE(gone);
  EXPECT_EQ(world.state("tts"), State::kAbsent);
  EXPECT_EQ(world.look("tts").warmth, Warmth::kCold);
}

TEST(WarmUp, AReloadedModelIsWarmedAgain) {
  World world;
  ModelSpec& spec = world.add("tts");
  spec.warm_up = WarmUp::kAfterReady;
  spec.ttl = Millis{1000};
  preload(world, "tts");
  world.run();
  world.pass(Millis{1000});
  EXPECT_EQ(world.state("tts"), State::kAbsent);
  preload(world, "tts");
  world.run();
  EXPECT_EQ(world.loader("tts").warm_ups(), 2);
}

TEST(WarmUp, NoneRunsUnderMemoryPressureUntilItPasses) {
  World world;
  world.add("tts").warm_up = WarmUp::kAfterReady;
  world.registry().set_pressure(Pressure::kStopPriming);
  preload(world, "tts");
  world.run();
  EXPECT_EQ(world.loader("tts").warm_ups(), 0);
  world.registry().set_pressure(Pressure::kNone);
  world.run();
  EXPECT_EQ(world.loader("tts").warm_ups(), 1);
}

}  // namespace
}  // namespace hearth::model
