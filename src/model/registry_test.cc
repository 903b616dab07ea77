#include "model/registry.h"

#include <gtest/gtest.h>

#include <string>
#include <system_error>
#include <vector>

#include "model/fake_world.h"

namespace hearth::model {
namespace {

using base::Bytes;
using base::Code;
using base::Error;
using base::Millis;

TEST(Registry, FirstDemandLoadsAndTheLeaseReachesTheEngine) {
  World world;
  world.add("tts");
  Ticket& ticket = world.ask("tts");
  world.decide();
  EXPECT_TRUE(ticket.waits());
  EXPECT_EQ(world.state("tts"), State::kLoading);
  world.run();
  ASSERT_TRUE(ticket.ok());
  EXPECT_TRUE(ticket.answer->value()->warm_up({}).has_value());
  EXPECT_EQ(world.state("tts"), State::kReady);
  EXPECT_EQ(world.look("tts").leases, 1);
  ticket.give_back();
  world.run();
  EXPECT_EQ(world.state("tts"), State::kIdle);
  EXPECT_EQ(world.look("tts").idle_since, world.clock.now());
}

TEST(Registry, SecondCallerJoinsTheLoadInFlight) {
  World world;
  world.add("tts");
  Ticket& first = world.ask("tts");
  world.decide();
  Ticket& second = world.ask("tts");
  world.run();
  EXPECT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(world.loader("tts").loads(), 1);
  EXPECT_EQ(world.events.demands[Events::Demand::kMiss], 1);
  EXPECT_EQ(world.events.demands[Events::Demand::kJoined], 1);
}

TEST(Registry, ReadyIsPublishedBeforeACallerIsToldAndAfterTheEngineExists) {
  World world;
  world.add("tts");
  std::optional<State> seen;
  world.registry().ensure_ready("tts", Wait::forever(), [&](auto ready) {
    EXPECT_TRUE(ready.has_value());
    EXPECT_EQ(world.loader("tts").alive(), 1);
    seen = world.state("tts");
  });
  world.run();
  EXPECT_EQ(seen, State::kReady);
  EXPECT_EQ(world.look("tts").leases, 0);
}

TEST(Registry, WhoLeavesALoadItAskedForIsLetGoAndTheLoadGoesOn) {
  World world;
  world.add("tts");
  std::stop_source stop;
  std::optional<Code> told;
  world.registry().ensure_ready(
      "tts", Wait::forever(), [&](auto ready) { told = ready.error().error.code; }, stop.get_token());
  world.decide();
  EXPECT_EQ(world.look("tts").waiting, 1);
  stop.request_stop();
  world.decide();
  EXPECT_EQ(told, Code::kCancelled);
  EXPECT_EQ(world.look("tts").waiting, 0);
  world.run();
  EXPECT_EQ(world.state("tts"), State::kReady);
}

TEST(Registry, ALeaseOnALoadedModelNeedsNoLoad) {
  World world;
  world.add("tts");
  world.serve("tts");
  Ticket& ticket = world.ask("tts");
  world.decide();
  EXPECT_TRUE(ticket.ok());
  EXPECT_EQ(world.loader("tts").loads(), 1);
  EXPECT_EQ(world.events.demands[Events::Demand::kHit], 1);
}

TEST(Registry, AliasAndSecondNameShareOneInstance) {
  World world;
  world.add("kokoro").aliases = {"tts-1"};
  world.add("voice").key = ModelKey::make("fake", {{"model", "kokoro"}}, {});
  Ticket& one = world.ask("kokoro");
  Ticket& two = world.ask("tts-1");
  Ticket& three = world.ask("voice");
  world.run();
  ASSERT_TRUE(one.ok() && two.ok() && three.ok());
  EXPECT_EQ(&one.answer->value().engine(), &two.answer->value().engine());
  EXPECT_EQ(&one.answer->value().engine(), &three.answer->value().engine());
  EXPECT_EQ(world.loader("kokoro").loads(), 1);
  EXPECT_EQ(world.loader("voice").loads(), 0);
  EXPECT_EQ(world.registry().snapshot()->models.size(), 1U);
  EXPECT_EQ(world.look("tts-1").name, "kokoro");
}

TEST(Registry, AnUnknownNameIsNotFound) {
  World world;
  world.add("tts");
  Ticket& ticket = world.ask("nonsense");
  world.run();
  ASSERT_FALSE(ticket.ok());
  EXPECT_EQ(ticket.code(), Code::kNotFound);
}

TEST(Registry, ACallerThatDoesNotWaitStartsTheLoadAndIsToldWhenToComeBack) {
  World world;
  world.add("tts");
  Ticket& ticket = world.ask("tts", Wait::none());
  world.decide();
  ASSERT_FALSE(ticket.waits());
  EXPECT_EQ(ticket.code(), Code::kUnavailable);
  EXPECT_EQ(ticket.answer->error().state, State::kLoading);
  EXPECT_EQ(ticket.answer->error().retry_after, Millis{1000});
  world.run();
  EXPECT_EQ(world.state("tts"), State::kReady);
  Ticket& again = world.ask("tts", Wait::none());
  world.run();
  EXPECT_TRUE(again.ok());
}

TEST(Registry, ADeadlineEndsTheWaitOfThatCallerOnly) {
  World world;
  world.add("tts");
  Ticket& hasty = world.ask("tts", Wait::until(world.clock.now() + Millis{100}));
  Ticket& patient = world.ask("tts");
  world.decide();
  world.clock.advance(Millis{100});
  world.decide();
  ASSERT_FALSE(hasty.waits());
  EXPECT_EQ(hasty.code(), Code::kTimedOut);
  EXPECT_EQ(hasty.answer->error().stage, "open");
  EXPECT_TRUE(patient.waits());
  world.run();
  EXPECT_TRUE(patient.ok());
  EXPECT_EQ(world.loader("tts").loads(), 1);
}

TEST(Registry, ADeadlineThatHasPassedAlreadyStillStartsTheLoad) {
  World world;
  world.add("tts");
  Ticket& late = world.ask("tts", Wait::until(world.clock.now()));
  world.run();
  EXPECT_EQ(late.code(), Code::kTimedOut);
  EXPECT_EQ(world.state("tts"), State::kReady);
}

TEST(Registry, AClientThatLeavesDoesNotEndTheLoad) {
  World world;
  world.add("tts");
  std::stop_source client;
  Ticket& ticket = world.ask("tts", Wait::forever(), client.get_token());
  world.decide();
  client.request_stop();
  world.decide();
  ASSERT_FALSE(ticket.waits());
  EXPECT_EQ(ticket.code(), Code::kCancelled);
  EXPECT_EQ(world.state("tts"), State::kLoading);
  world.run();
  EXPECT_EQ(world.state("tts"), State::kReady);
  EXPECT_EQ(world.clock.pending(), 0U);
}

TEST(Registry, AClientThatLeftBeforeItsTurnIsCancelled) {
  World world;
  world.add("tts");
  std::stop_source client;
  client.request_stop();
  Ticket& ticket = world.ask("tts", Wait::forever(), client.get_token());
  world.run();
  ASSERT_FALSE(ticket.waits());
  EXPECT_EQ(world.look("tts").leases, ticket.ok() ? 1 : 0);
}

TEST(Registry, AnErrorThatMayPassIsTriedOnceMoreAfterHalfASecond) {
  World world;
  world.add("tts");
  world.loader("tts").fail_next({Code::kIo, "read error", {}});
  Ticket& ticket = world.ask("tts");
  world.run();
  EXPECT_TRUE(ticket.waits());
  EXPECT_EQ(world.look("tts").stage, "retry");
  EXPECT_EQ(world.registry().snapshot()->committed, Bytes{0});
  world.pass(Millis{499});
  EXPECT_EQ(world.loader("tts").loads(), 1);
  world.pass(Millis{1});
  EXPECT_TRUE(ticket.ok());
  EXPECT_EQ(world.events.retries, 1);
  EXPECT_EQ(world.events.loads.back().tries, 2);
}

TEST(Registry, FailedKeepsTheCauseAndIsTriedAgainOnDemandButNotTooSoon) {
  World world;
  world.add("tts");
  world.loader("tts").fail_next({Code::kIo, "read error", {}});
  world.loader("tts").fail_next({Code::kIo, "read error again", {}});
  Ticket& ticket = world.ask("tts");
  world.run();
  world.pass(Millis{500});
  ASSERT_FALSE(ticket.waits());
  EXPECT_EQ(ticket.code(), Code::kIo);
  EXPECT_EQ(world.state("tts"), State::kFailed);
  EXPECT_EQ(world.look("tts").cause->message, "read error again");

  world.pass(Millis{4000});
  Ticket& soon = world.ask("tts");
  world.run();
  EXPECT_EQ(soon.code(), Code::kIo);
  EXPECT_EQ(soon.answer->error().retry_after, Millis{1000});
  EXPECT_EQ(world.loader("tts").loads(), 2);

  world.pass(Millis{1000});
  Ticket& later = world.ask("tts");
  world.run();
  EXPECT_TRUE(later.ok());
  EXPECT_FALSE(world.look("tts").cause.has_value());
  EXPECT_EQ(world.look("tts").failures, 1);
}

TEST(Registry, APermanentErrorIsNotTriedAgainByItself) {
  World world;
  world.add("tts");
  world.loader("tts").fail_next({Code::kCorrupt, "bad digest", {}});
  Ticket& ticket = world.ask("tts");
  world.run();
  ASSERT_FALSE(ticket.waits());
  EXPECT_EQ(ticket.code(), Code::kCorrupt);
  EXPECT_EQ(world.events.retries, 0);
}

TEST(Registry, LoadsGetTheirTurnByModeThenByTimeOfAsking) {
  World world;
  world.options.max_loading = 1;
  world.add("first");
  world.add("on-demand");
  world.add("preload").mode = LoadMode::kPreload;
  world.add("required").mode = LoadMode::kRequired;
  for (const char* name : {"first", "on-demand", "preload", "required"}) world.ask(name);
  world.decide();
  EXPECT_EQ(world.registry().snapshot()->queued, 3);
  EXPECT_EQ(world.look("preload").stage, "queued");
  world.run();
  EXPECT_EQ(world.events.finished, (std::vector<std::string>{"first", "required", "preload", "on-demand"}));
}

TEST(Registry, ALoadThatWaitsForItsTurnShowsLifeUntilItComes) {
  World world;
  world.options.max_loading = 1;
  world.options.queue_sign = Millis{3000};
  world.add("first");
  world.add("second");
  world.ask("first");
  world.ask("second");
  world.decide();
  EXPECT_EQ(world.events.progress, (std::vector<std::string>{"second queued"}));
  for (int i = 0; i < 3; ++i) {
    world.clock.advance(Millis{3000});
    world.decide();
  }
  EXPECT_EQ(world.events.progress, (std::vector<std::string>(4, "second queued")));
  world.run();
  EXPECT_EQ(world.state("second"), State::kReady);
  world.events.progress.clear();
  world.pass(Millis{60'000});
  EXPECT_TRUE(world.events.progress.empty());
  EXPECT_EQ(world.clock.pending(), 0U) << "nobody is told of an empty queue";
}

TEST(Registry, ALoadForWhichThereIsNoThreadRunsOnTheRegistrys) {
  class NoThread final : public base::Executor {
   public:
    void post(base::Task) override {
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    }
  };
  NoThread none;
  World world;
  world.load_executor = &none;
  world.add("tts");
  Ticket& ticket = world.ask("tts");
  world.run();
  EXPECT_TRUE(ticket.ok());
  ticket.give_back();
  bool gone = false;
  world.registry().unload("tts", IfLeased::kWait, [&](auto result) { gone = result.has_value(); });
  world.run();
  EXPECT_TRUE(gone);
}

TEST(Registry, AGroupsCapHoldsBackThatGroupOnly) {
  World world;
  world.options.groups["language"] = {.max_loading = 1, .max_loaded = 0};
  world.add("llm-1").group = "language";
  world.add("llm-2").group = "language";
  world.add("tts");
  for (const char* name : {"llm-1", "llm-2", "tts"}) world.ask(name);
  world.decide();
  EXPECT_EQ(world.look("llm-1").stage, "open");
  EXPECT_EQ(world.look("llm-2").stage, "queued");
  EXPECT_EQ(world.look("tts").stage, "open");
  world.run();
  EXPECT_EQ(world.state("llm-2"), State::kReady);
}

TEST(Registry, AllGroupsLoadSideBySideEachToItsCap) {
  World world;
  world.options.max_loading = 5;
  world.options.groups["language"] = {.max_loading = 3, .max_loaded = 0};
  world.options.groups["media"] = {.max_loading = 2, .max_loaded = 0};
  const std::vector<std::string> names = {"llm-1", "llm-2", "llm-3", "llm-4", "tts", "stt", "ocr"};
  for (const std::string& name : names) world.add(name).group = name.starts_with("llm") ? "language" : "media";
  for (const std::string& name : names) world.ask(name);
  world.decide();
  std::vector<std::string> waiting;
  for (const std::string& name : names) {
    if (world.look(name).stage == "queued") waiting.push_back(name);
  }
  EXPECT_EQ(waiting, (std::vector<std::string>{"llm-4", "ocr"}));
  world.run();
  for (const std::string& name : names) EXPECT_EQ(world.state(name), State::kReady) << name;
}

TEST(Registry, ProgressIsPublishedAndALateReportOfAFormerLoadIsNot) {
  World world;
  engine::LoadProgress kept;
  ModelSpec& spec = world.add("tts");
  spec.load = [&kept, real = spec.load](const engine::LoadProgress& progress, std::stop_token stop) {
    kept = progress;
    progress(0.25, "prefetch");
    progress(std::nan(""), "a word that is much longer than any stage of a load should be");
    return real(progress, stop);
  };
  Ticket& ticket = world.ask("tts");
  world.decide();
  world.loads.run_one();
  world.strand.run_one();
  EXPECT_EQ(world.look("tts").stage, "open") << "the last of several quick reports";
  EXPECT_EQ(world.look("tts").progress, 0.5);
  world.run();
  const engine::LoadProgress former = kept;
  world.registry().unload("tts", IfLeased::kWait, [](auto) {});
  ticket.give_back();
  world.run();
  world.ask("tts");
  world.decide();
  former(0.1, "late");
  world.decide();
  EXPECT_EQ(world.state("tts"), State::kLoading);
  EXPECT_EQ(world.look("tts").progress, 0.0);
  EXPECT_EQ(world.look("tts").stage, "open");
  world.run();
  EXPECT_EQ(world.look("tts").progress, 1.0);
  EXPECT_EQ(world.look("tts").stage, "");
}

class FakeFetch final : public Fetch {
 public:
  bool is_present(const ModelSpec&) override { return present; }
  base::Result<void> fetch(const ModelSpec&, const engine::LoadProgress& progress, std::stop_token stop) override {
    ++fetches;
    progress(0.5, "download");
    if (stop.stop_requested()) return base::fail(Code::kCancelled, "stopped");
    if (error) return base::fail(*std::exchange(error, std::nullopt));
    present = true;
    return {};
  }
  bool present = false;
  int fetches = 0;
  std::optional<Error> error;
};

TEST(Registry, FetchesWhatIsMissingThenLoadsIt) {
  FakeFetch fetch;
  World world;
  world.fetch = &fetch;
  world.add("tts");
  Ticket& ticket = world.ask("tts");
  world.decide();
  EXPECT_EQ(world.state("tts"), State::kFetching);
  EXPECT_EQ(world.registry().snapshot()->loading, 0) << "a download takes no place among the loads";
  world.run();
  EXPECT_TRUE(ticket.ok());
  EXPECT_EQ(fetch.fetches, 1);
  EXPECT_EQ(world.events.lines.front(), "tts absent>fetching");
}

TEST(Registry, AFetchThatFailsForGoodIsTheCause) {
  FakeFetch fetch;
  fetch.error = Error{Code::kNotFound, "not pulled", "hearth models pull tts"};
  World world;
  world.fetch = &fetch;
  world.add("tts");
  Ticket& ticket = world.ask("tts");
  world.run();
  ASSERT_FALSE(ticket.waits());
  EXPECT_EQ(ticket.answer->error().error.remedy, "hearth models pull tts");
  EXPECT_EQ(world.state("tts"), State::kFailed);
}

TEST(Registry, AFetchThatFailsOnceIsTriedAgain) {
  FakeFetch fetch;
  fetch.error = Error{Code::kIo, "connection lost", {}};
  World world;
  world.fetch = &fetch;
  world.add("tts");
  Ticket& ticket = world.ask("tts");
  world.run();
  EXPECT_TRUE(ticket.waits());
  world.pass(Millis{500});
  EXPECT_TRUE(ticket.ok());
  EXPECT_EQ(fetch.fetches, 2);
}

TEST(Registry, ALookLeavesTheIdleClockAlone) {
  World world;
  world.add("tts");
  world.serve("tts");
  const auto idle_since = world.look("tts").idle_since;
  world.pass(Millis{1000});
  Ticket& look = world.ask("tts", Wait::forever(), {}, LeaseUse::kLook);
  world.run();
  ASSERT_TRUE(look.ok());
  EXPECT_EQ(world.look("tts").leases, 1);
  look.give_back();
  world.run();
  EXPECT_EQ(world.look("tts").idle_since, idle_since);
}

}  // namespace
}  // namespace hearth::model
