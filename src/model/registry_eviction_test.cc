#include <gtest/gtest.h>

#include "model/fake_world.h"
#include "model/registry.h"

namespace hearth::model {
namespace {

using base::Bytes;
using base::Code;
using base::Millis;

TEST(RegistryEviction, TheLeastRecentlyUsedModelMakesRoom) {
  World world;
  world.options.budget = Bytes{200};
  for (const char* name : {"a", "b", "c"}) world.add(name);
  world.serve("a");
  world.pass(Millis{10});
  world.serve("b");
  world.pass(Millis{10});
  world.serve("a");
  world.pass(Millis{10});
  world.serve("c");
  EXPECT_EQ(world.events.unloads, (std::vector<std::string>{"b evicted"}));
  EXPECT_EQ(world.loader("b").alive(), 0);
  EXPECT_EQ(world.state("a"), State::kIdle);
  EXPECT_EQ(world.registry().snapshot()->committed, Bytes{200});
  EXPECT_EQ(world.over_budget, 0);
}

TEST(RegistryEviction, APinnedModelNeverMakesRoomAndWhatCannotFitIsRefused) {
  World world;
  world.options.budget = Bytes{150};
  world.add("pinned").pinned = true;
  world.add("other");
  world.serve("pinned");
  Ticket& ticket = world.ask("other");
  world.run();
  ASSERT_FALSE(ticket.waits());
  EXPECT_EQ(ticket.code(), Code::kExhausted);
  EXPECT_EQ(world.state("pinned"), State::kIdle);
  EXPECT_EQ(world.state("other"), State::kFailed);
  EXPECT_EQ(world.loader("other").loads(), 0);
}

TEST(RegistryEviction, ALeasedModelIsWaitedFor) {
  World world;
  world.options.budget = Bytes{150};
  world.add("busy");
  world.add("other");
  Ticket& busy = world.ask("busy");
  world.run();
  Ticket& other = world.ask("other");
  world.run();
  EXPECT_TRUE(other.waits());
  EXPECT_EQ(world.look("other").stage, "queued");
  busy.give_back();
  world.run();
  EXPECT_TRUE(other.ok());
  EXPECT_EQ(world.events.unloads, (std::vector<std::string>{"busy evicted"}));
}

TEST(RegistryEviction, TwoModelsThatDoNotFitTogetherTakeTurnsAndEachServes) {
  World world;
  world.options.budget = Bytes{150};
  world.add("a");
  world.add("b");
  std::vector<Ticket*> tickets;
  for (int i = 0; i < 3; ++i) {
    tickets.push_back(&world.ask("a"));
    tickets.push_back(&world.ask("b"));
  }
  int served = 0;
  for (int round = 0; round < 10 && served < 6; ++round) {
    world.run();
    for (Ticket*& ticket : tickets) {
      if (!ticket || !ticket->ok()) continue;
      ticket->give_back();
      ticket = nullptr;
      ++served;
    }
  }
  EXPECT_EQ(served, 6);
  EXPECT_EQ(world.loader("a").loads(), 1) << "all that wait for a model are served by one load";
  EXPECT_EQ(world.loader("b").loads(), 1);
}

TEST(RegistryEviction, AModelThatHasNotServedIsSafeForItsGraceAndThenMakesRoom) {
  World world;
  world.options.budget = Bytes{150};
  world.add("preloaded").mode = LoadMode::kPreload;
  world.add("wanted");
  world.registry().ensure_ready("preloaded", Wait::forever(), [](auto) {});
  world.run();
  Ticket& ticket = world.ask("wanted");
  world.run();
  world.pass(Millis{29'999});
  EXPECT_TRUE(ticket.waits());
  EXPECT_EQ(world.state("preloaded"), State::kReady);
  world.pass(Millis{1});
  EXPECT_TRUE(ticket.ok());
  EXPECT_EQ(world.state("preloaded"), State::kAbsent);
}

TEST(RegistryEviction, ASmallLoadPassesALargeOneThatWaitsForALease) {
  World world;
  world.options.budget = Bytes{300};
  world.add("busy", Bytes{200});
  world.add("large", Bytes{200});
  world.add("small", Bytes{50});
  Ticket& busy = world.ask("busy");
  world.run();
  Ticket& large = world.ask("large");
  Ticket& small = world.ask("small");
  world.run();
  EXPECT_TRUE(large.waits());
  ASSERT_TRUE(small.ok());
  small.give_back();
  busy.give_back();
  world.run();
  EXPECT_TRUE(large.ok());
  EXPECT_EQ(world.over_budget, 0);
}

TEST(RegistryEviction, RoomMadeForOneLoadIsNotTakenByAnotherBehindIt) {
  World world;
  world.options.budget = Bytes{200};
  world.add("old", Bytes{180});
  world.add("large", Bytes{170});
  world.add("small", Bytes{40});
  world.serve("old");
  Ticket& large = world.ask("large");
  Ticket& small = world.ask("small");
  world.run();
  EXPECT_TRUE(large.ok());
  EXPECT_TRUE(small.waits());
}

TEST(RegistryEviction, ACapOnModelsInMemoryEvictsWithinItsGroup) {
  World world;
  world.options.groups["language"] = {.max_loading = 0, .max_loaded = 2};
  for (const char* name : {"llm-1", "llm-2", "llm-3"}) world.add(name).group = "language";
  world.add("tts");
  world.serve("tts");
  for (const char* name : {"llm-1", "llm-2", "llm-3"}) {
    world.pass(Millis{10});
    world.serve(name);
  }
  EXPECT_EQ(world.events.unloads, (std::vector<std::string>{"llm-1 evicted"}));
  EXPECT_EQ(world.state("tts"), State::kIdle);
}

TEST(RegistryEviction, BytesAreMeasuredAndTheMeasureDecidesTheNextTime) {
  World world;
  world.options.budget = Bytes{250};
  world.add("a", Bytes{100});
  world.add("b", Bytes{100});
  world.loader("a").set_bytes(Bytes{180});  // takes more than its files promise
  world.serve("a");
  EXPECT_EQ(world.look("a").measured, Bytes{180});
  EXPECT_EQ(world.registry().snapshot()->committed, Bytes{180});
  world.pass(Millis{10});
  world.serve("b");
  EXPECT_EQ(world.state("a"), State::kAbsent) << "180 and 100 do not fit in 250";
  EXPECT_EQ(world.registry().snapshot()->measures->at(ModelKey::make("fake", {{"model", "a"}}, {})).bytes, Bytes{180});
}

TEST(RegistryEviction, AMeasureFromTheLastStartIsUsedForTheFirstLoad) {
  World world;
  world.options.budget = Bytes{150};
  world.known[ModelKey::make("fake", {{"model", "a"}}, {})] = {Bytes{160}, MeasureKind::kAlone};
  world.add("a");
  Ticket& ticket = world.ask("a");
  world.run();
  EXPECT_EQ(ticket.code(), Code::kExhausted);
}

TEST(RegistryEviction, AModelLargerThanItsEstimatePushesOutWhatNobodyUses) {
  World world;
  world.options.budget = Bytes{250};
  world.add("idle", Bytes{100});
  world.add("grows", Bytes{100});
  world.loader("grows").set_bytes(Bytes{200});
  world.serve("idle");
  world.pass(Millis{10});
  world.serve("grows");
  EXPECT_EQ(world.state("idle"), State::kAbsent);
  EXPECT_EQ(world.state("grows"), State::kIdle);
}

}  // namespace
}  // namespace hearth::model
