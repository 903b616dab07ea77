#include <gtest/gtest.h>

#include "model/fake_world.h"
#include "model/registry.h"

namespace hearth::model {
namespace {

using base::Bytes;
using base::Code;
using base::Millis;

using Answer = std::optional<base::Result<UnloadReport>>;

void unload(World& world, const std::string& name, IfLeased if_leased, Answer& answer, std::stop_token stop = {}) {
  world.registry().unload(
      name, if_leased, [&answer](base::Result<UnloadReport> result) { answer = std::move(result); }, std::move(stop));
}

TEST(RegistryUnload, DestroysTheEngineReturnsMemoryAndSaysHowMuch) {
  World world;
  world.add("tts", Bytes{1234});
  world.serve("tts");
  Answer answer;
  unload(world, "tts", IfLeased::kRefuse, answer);
  world.decide();
  EXPECT_EQ(world.loader("tts").alive(), 1) << "an engine is not destroyed on the strand";
  EXPECT_EQ(world.state("tts"), State::kUnloading);
  EXPECT_FALSE(answer);
  world.run();
  ASSERT_TRUE(answer && answer->has_value());
  EXPECT_EQ((*answer)->returned, Bytes{1234});
  EXPECT_EQ(world.returned, 1);
  EXPECT_EQ(world.loader("tts").alive(), 0);
  EXPECT_EQ(world.state("tts"), State::kAbsent);
  EXPECT_EQ(world.registry().snapshot()->committed, Bytes{0});
  EXPECT_EQ(world.look("tts").reserved, Bytes{0});
}

TEST(RegistryUnload, ALeasedModelIsRefusedOrWaitedForAsAsked) {
  World world;
  world.add("tts");
  Ticket& lease = world.ask("tts");
  world.run();
  Answer refused, waited;
  unload(world, "tts", IfLeased::kRefuse, refused);
  world.run();
  ASSERT_TRUE(refused && !refused->has_value());
  EXPECT_EQ(refused->error().code, Code::kConflict);
  unload(world, "tts", IfLeased::kWait, waited);
  world.run();
  EXPECT_FALSE(waited);
  EXPECT_EQ(world.loader("tts").alive(), 1);
  lease.give_back();
  world.run();
  EXPECT_TRUE(waited && waited->has_value());
  EXPECT_EQ(world.loader("tts").alive(), 0);
}

TEST(RegistryUnload, WhoNoLongerWaitsIsLetGoAtOnceAndTheModelLeavesAllTheSame) {
  World world;
  world.add("tts");
  Ticket& lease = world.ask("tts");
  world.run();
  std::stop_source stop;
  Answer left, stayed;
  unload(world, "tts", IfLeased::kWait, left, stop.get_token());
  world.run();
  EXPECT_FALSE(left);
  stop.request_stop();
  world.run();
  ASSERT_TRUE(left && !left->has_value());
  EXPECT_EQ(left->error().code, Code::kCancelled);
  Ticket& hasty = world.ask("tts", Wait::none());
  unload(world, "tts", IfLeased::kWait, stayed);
  world.run();
  EXPECT_EQ(hasty.code(), Code::kUnavailable) << "it still leaves";
  lease.give_back();
  world.run();
  EXPECT_TRUE(stayed && stayed->has_value());
  EXPECT_EQ(world.state("tts"), State::kAbsent);
  EXPECT_EQ(world.loader("tts").alive(), 0);
}

TEST(RegistryUnload, WhoNeverWaitedEndsNothingButItsOwnWait) {
  World world;
  world.add("tts");
  Ticket& lease = world.ask("tts");
  world.run();
  std::stop_source stop;
  stop.request_stop();
  Answer left;
  unload(world, "tts", IfLeased::kWait, left, stop.get_token());
  world.run();
  ASSERT_TRUE(left && !left->has_value());
  EXPECT_EQ(world.state("tts"), State::kReady);
  lease.give_back();
  world.run();
  EXPECT_EQ(world.state("tts"), State::kAbsent);
  world.serve("tts");
  EXPECT_EQ(world.state("tts"), State::kIdle) << "and it is asked for once only";
}

TEST(RegistryUnload, WhoComesWhileItLeavesWaitsAndGetsANewInstance) {
  World world;
  world.add("tts");
  Ticket& lease = world.ask("tts");
  world.run();
  Answer answer;
  unload(world, "tts", IfLeased::kWait, answer);
  world.run();
  Ticket& late = world.ask("tts");
  Ticket& hasty = world.ask("tts", Wait::none());
  world.run();
  EXPECT_TRUE(late.waits());
  EXPECT_EQ(hasty.code(), Code::kUnavailable);
  lease.give_back();
  world.run();
  EXPECT_TRUE(answer && answer->has_value());
  EXPECT_TRUE(late.ok());
  EXPECT_EQ(world.loader("tts").loads(), 2);
  EXPECT_EQ(world.loader("tts").alive(), 1);
}

TEST(RegistryUnload, ALoadUnderWayIsRefusedOrWaitedForAndItsCallersAreServedFirst) {
  World world;
  world.add("tts");
  Ticket& caller = world.ask("tts");
  world.decide();
  Answer refused, waited;
  unload(world, "tts", IfLeased::kRefuse, refused);
  unload(world, "tts", IfLeased::kWait, waited);
  world.run();
  EXPECT_EQ(refused->error().code, Code::kConflict);
  ASSERT_TRUE(caller.ok());
  EXPECT_FALSE(waited);
  caller.give_back();
  world.run();
  EXPECT_TRUE(waited && waited->has_value());
  EXPECT_EQ(world.state("tts"), State::kAbsent);
}

TEST(RegistryUnload, WhatIsNotLoadedGivesZeroAndAnUnknownNameIsNotFound) {
  World world;
  world.add("tts");
  Answer absent, unknown;
  unload(world, "tts", IfLeased::kRefuse, absent);
  unload(world, "nonsense", IfLeased::kRefuse, unknown);
  world.run();
  EXPECT_EQ((*absent)->returned, Bytes{0});
  EXPECT_EQ(unknown->error().code, Code::kNotFound);
}

TEST(RegistryUnload, ForgivesAFailureSoThatTheNextDemandLoadsAtOnce) {
  World world;
  world.add("tts");
  world.loader("tts").fail_next({Code::kCorrupt, "bad digest", {}});
  world.ask("tts");
  world.run();
  Answer answer;
  unload(world, "tts", IfLeased::kRefuse, answer);
  world.run();
  EXPECT_EQ(world.state("tts"), State::kAbsent);
  world.serve("tts");
  EXPECT_EQ(world.state("tts"), State::kIdle);
}

TEST(RegistryUnload, AFailedLoadAnswersThoseWhoWantedItGone) {
  World world;
  world.add("tts");
  world.loader("tts").fail_next({Code::kCorrupt, "bad digest", {}});
  world.ask("tts");
  world.decide();
  Answer answer;
  unload(world, "tts", IfLeased::kWait, answer);
  world.run();
  EXPECT_TRUE(answer && answer->has_value());
}

TEST(RegistryIdle, TheTtlCountsFromTheLastRealUse) {
  World world;
  world.add("tts").ttl = Millis{1000};
  world.serve("tts");
  world.pass(Millis{600});
  world.serve("tts");
  world.pass(Millis{999});
  EXPECT_EQ(world.state("tts"), State::kIdle);
  world.pass(Millis{1});
  EXPECT_EQ(world.state("tts"), State::kAbsent);
  EXPECT_EQ(world.events.unloads, (std::vector<std::string>{"tts idle"}));
}

TEST(RegistryIdle, ALeaseOutlastsTheTtlAndThousandsOfUsesArmOneTimer) {
  World world;
  world.add("tts").ttl = Millis{1000};
  for (int i = 0; i < 2000; ++i) world.serve("tts");
  EXPECT_EQ(world.clock.pending(), 1U);
  Ticket& lease = world.ask("tts");
  world.run();
  world.pass(Millis{5000});
  EXPECT_EQ(world.state("tts"), State::kReady);
  lease.give_back();
  world.run();
  world.pass(Millis{1000});
  EXPECT_EQ(world.state("tts"), State::kAbsent);
}

TEST(RegistryIdle, APinnedModelStaysAndOneLoadedButNeverUsedGoes) {
  World world;
  ModelSpec& pinned = world.add("pinned");
  pinned.ttl = Millis{1000};
  pinned.pinned = true;
  world.add("unused").ttl = Millis{1000};
  world.registry().ensure_ready("pinned", Wait::forever(), [](auto) {});
  world.registry().ensure_ready("unused", Wait::forever(), [](auto) {});
  world.run();
  world.pass(Millis{1000});
  EXPECT_EQ(world.state("pinned"), State::kReady);
  EXPECT_EQ(world.state("unused"), State::kAbsent);
}

TEST(RegistryPressure, UnloadsWhatNobodyUsesAndThenRefusesLoadsClearly) {
  World world;
  world.add("idle");
  world.add("busy");
  world.add("pinned").pinned = true;
  world.serve("idle");
  world.serve("pinned");
  Ticket& busy = world.ask("busy");
  world.run();
  world.registry().set_pressure(Pressure::kEvictIdle);
  world.run();
  EXPECT_EQ(world.events.unloads, (std::vector<std::string>{"idle pressure"}));
  EXPECT_TRUE(busy.ok());
  world.registry().set_pressure(Pressure::kRefuseLoads);
  Ticket& refused = world.ask("idle");
  world.run();
  EXPECT_EQ(refused.code(), Code::kExhausted);
  world.registry().set_pressure(Pressure::kNone);
  world.serve("idle");
  EXPECT_EQ(world.state("idle"), State::kIdle);
}

TEST(RegistryShutdown, AnswersWaitersStopsLoadsAndDestroysEngines) {
  World world;
  world.options.max_loading = 1;
  for (const char* name : {"idle", "leased", "loading", "queued"}) world.add(name);
  world.serve("idle");
  Ticket& leased = world.ask("leased");
  world.run();
  Ticket& loading = world.ask("loading");
  Ticket& queued = world.ask("queued");
  world.decide();
  world.registry().shutdown();
  world.decide();
  EXPECT_EQ(loading.code(), Code::kUnavailable);
  EXPECT_EQ(queued.code(), Code::kUnavailable);
  EXPECT_EQ(world.state("queued"), State::kAbsent);
  world.run();
  EXPECT_EQ(world.state("loading"), State::kAbsent);
  EXPECT_EQ(world.loader("idle").alive(), 0);
  EXPECT_EQ(world.loader("loading").alive(), 0);
  EXPECT_EQ(world.loader("leased").alive(), 1) << "a lease outlives the shut-down";
  leased.give_back();
  world.run();
  EXPECT_EQ(world.loader("leased").alive(), 0);
  Ticket& late = world.ask("idle");
  world.run();
  EXPECT_EQ(late.code(), Code::kUnavailable);
}

TEST(RegistryShutdown, AModelThatWaitsForItsRetryIsGivenUp) {
  World world;
  world.add("tts");
  world.loader("tts").fail_next({Code::kIo, "read error", {}});
  Ticket& ticket = world.ask("tts");
  world.run();
  world.registry().shutdown();
  world.run();
  EXPECT_EQ(ticket.code(), Code::kUnavailable);
  world.pass(Millis{1000});
  EXPECT_EQ(world.state("tts"), State::kAbsent);
  EXPECT_EQ(world.loader("tts").loads(), 1);
}

}  // namespace
}  // namespace hearth::model
