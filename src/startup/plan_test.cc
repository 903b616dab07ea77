#include "startup/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::startup {
namespace {

using namespace base::literals;
using base::Millis;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Node critical(std::string name, std::vector<std::string> needs = {}, Uses uses = {}) {
  return {std::move(name), Phase::kCritical, std::move(needs), uses};
}
Node background(std::string name, std::vector<std::string> needs = {}, Uses uses = {}) {
  return {std::move(name), Phase::kBackground, std::move(needs), uses};
}
Plan plan_of(std::vector<Node> nodes, const Durations& last = {}) {
  auto plan = Plan::make(std::move(nodes), last);
  EXPECT_TRUE(plan.has_value()) << plan.error().message;
  return std::move(*plan);
}
std::string error_of(std::vector<Node> nodes) {
  const auto plan = Plan::make(std::move(nodes));
  if (plan) return "no error";
  EXPECT_EQ(plan.error().code, base::Code::kInvalidArgument);
  return plan.error().message;
}
std::vector<std::string> names(const Plan& plan, const std::vector<Plan::Index>& tasks) {
  std::vector<std::string> out;
  for (const Plan::Index task : tasks) out.push_back(plan.node(task).name);
  return out;
}
/// States by name; the others wait.
std::vector<TaskState> states_of(const Plan& plan, const std::map<std::string, TaskState>& known = {}) {
  std::vector<TaskState> states(plan.size(), TaskState::kWaiting);
  for (Plan::Index i = 0; i < plan.size(); ++i) {
    if (const auto found = known.find(plan.node(i).name); found != known.end()) states[i] = found->second;
  }
  return states;
}
std::vector<std::string> chosen(const Plan& plan, const Machine& machine,
                                const std::map<std::string, TaskState>& known = {}) {
  return names(plan, choose(plan, states_of(plan, known), machine));
}

TEST(Plan, NamesWhatIsWrong) {
  EXPECT_THAT(error_of({critical("a"), critical("a")}), HasSubstr("two start-up tasks are called \"a\""));
  EXPECT_THAT(error_of({critical("a", {"nowhere"})}), HasSubstr("\"a\" needs \"nowhere\", which does not exist"));
  EXPECT_THAT(error_of({critical("")}), HasSubstr("no name"));
  EXPECT_THAT(error_of({critical("a", {}, {.cores = -1})}), HasSubstr("less than nothing"));
  EXPECT_THAT(error_of({background("late"), critical("a", {"late"})}),
              HasSubstr("critical start-up task \"a\" needs background"));
}

TEST(Plan, ShowsTheCircle) {
  EXPECT_THAT(error_of({critical("x"), critical("a", {"x", "b"}), critical("b", {"c"}), critical("c", {"a"})}),
              HasSubstr("circle: a → b → c → a"));
  EXPECT_THAT(error_of({critical("self", {"self"})}), HasSubstr("circle: self → self"));
}

TEST(Plan, OfNothingIsValidAndEmpty) {
  const Plan plan = plan_of({});
  EXPECT_EQ(plan.size(), 0u);
  EXPECT_THAT(chosen(plan, {}), IsEmpty());
}

TEST(Plan, OrdersEachTaskAfterWhatItNeeds) {
  const Plan plan = plan_of({critical("ready", {"open", "probe"}), background("warm", {"ready"}),
                             critical("open", {"prefetch"}), critical("prefetch", {"probe"}), critical("probe")});
  EXPECT_THAT(names(plan, plan.order()), ElementsAre("probe", "prefetch", "open", "ready", "warm"));
}

TEST(Plan, ATaskThatOnlyWantedToComeLaterRunsAfterAFailureToo) {
  Node verify = background("verify", {"a", "b"});
  verify.after_failure = AfterFailure::kRunsToo;
  const Plan plan = plan_of({critical("a"), critical("b"), verify, background("warm", {"a"})});
  const std::map<std::string, TaskState> one_failed = {{"a", TaskState::kFailed}};
  EXPECT_THAT(chosen(plan, {.cores = 4}, one_failed), ElementsAre("b")) << "b has not settled";
  const auto blocked = find_blocked(plan, states_of(plan, one_failed));
  ASSERT_EQ(blocked.size(), 1U);
  EXPECT_EQ(plan.node(blocked[0].task).name, "warm");
  EXPECT_THAT(
      chosen(plan, {.cores = 4}, {{"a", TaskState::kFailed}, {"b", TaskState::kDone}, {"warm", TaskState::kBlocked}}),
      ElementsAre("verify"));
}

TEST(Plan, ANeedThatIsNamedTwiceCountsOnce) {
  const Plan plan = plan_of({critical("a"), critical("b", {"a", "a"})});
  EXPECT_THAT(names(plan, plan.order()), ElementsAre("a", "b"));
  EXPECT_THAT(chosen(plan, {.cores = 4}, {{"a", TaskState::kDone}}), ElementsAre("b"));
}

TEST(Plan, StartsTheLongestPathFirstByLastDurations) {
  const Plan plan =
      plan_of({critical("small"), critical("head"), critical("tail", {"head"}), critical("middle")},
              {{"small", Millis{20}}, {"middle", Millis{200}}, {"head", Millis{10}}, {"tail", Millis{300}}});
  EXPECT_EQ(plan.rank(1), Millis{310});
  EXPECT_THAT(chosen(plan, {.cores = 2}), ElementsAre("head", "middle"));
}

TEST(Plan, WithoutDurationsTheLongerChainGoesFirstAndEqualOnesAsDeclared) {
  const Plan plan = plan_of({critical("lone"), critical("other"), critical("head"), critical("tail", {"head"})});
  EXPECT_THAT(chosen(plan, {.cores = 8}), ElementsAre("head", "lone", "other"));
}

TEST(Plan, ALongBackgroundChainDoesNotMakeACriticalTaskUrgent) {
  const Plan plan = plan_of({critical("first"), critical("second"), background("hours", {"second"})},
                            {{"first", Millis{20}}, {"second", Millis{10}}, {"hours", Millis{3'600'000}}});
  EXPECT_THAT(chosen(plan, {.cores = 1}), ElementsAre("first"));
}

TEST(Plan, GivesOutNoMoreCoresThanThereAre) {
  const Plan plan = plan_of({critical("a", {}, {.cores = 2}), critical("b"), critical("c")});
  EXPECT_THAT(chosen(plan, {.cores = 3}), ElementsAre("a", "b"));
  EXPECT_THAT(chosen(plan, {.cores = 3}, {{"a", TaskState::kRunning}, {"b", TaskState::kRunning}}), IsEmpty());
  EXPECT_THAT(chosen(plan, {.cores = 3}, {{"a", TaskState::kDone}, {"b", TaskState::kRunning}}), ElementsAre("c"));
}

TEST(Plan, ANeedLargerThanTheMachineRunsAlone) {
  const Plan plan =
      plan_of({critical("huge", {}, {.cores = 64, .memory = 900_GiB}), critical("small", {}, {.memory = 1_MiB})},
              {{"huge", Millis{100}}});
  EXPECT_THAT(chosen(plan, {.cores = 2, .memory = 8_GiB}), ElementsAre("huge"));
  EXPECT_THAT(chosen(plan, {.cores = 2, .memory = 8_GiB}, {{"huge", TaskState::kDone}}), ElementsAre("small"));
}

TEST(Plan, MemorySerialisesTwoBigTasks) {
  const Plan plan = plan_of({critical("first", {}, {.memory = 5_GiB}), critical("second", {}, {.memory = 5_GiB})});
  const Machine machine{.cores = 8, .memory = 8_GiB};
  EXPECT_THAT(chosen(plan, machine), ElementsAre("first"));
  EXPECT_THAT(chosen(plan, machine, {{"first", TaskState::kRunning}}), IsEmpty());
  EXPECT_THAT(chosen(plan, machine, {{"first", TaskState::kDone}}), ElementsAre("second"));
  EXPECT_THAT(chosen(plan, {.cores = 8}), ElementsAre("first", "second")) << "memory that is not known bounds nothing";
}

TEST(Plan, TheDiskIsSharedByShares) {
  const Plan plan =
      plan_of({critical("read", {}, {.cores = 0, .disk = 100}), critical("more", {}, {.cores = 0, .disk = 60}),
               critical("little", {}, {.cores = 0, .disk = 40}), critical("work")},
              {{"read", Millis{100}}, {"more", Millis{90}}});
  EXPECT_THAT(chosen(plan, {.cores = 1}), ElementsAre("read", "work"));
  EXPECT_THAT(chosen(plan, {.cores = 1}, {{"read", TaskState::kDone}}), ElementsAre("more", "little", "work"));
}

TEST(Plan, ATaskThatIsShortIsNotOvertakenOnWhatItIsShortOf) {
  const Plan plan = plan_of(
      {critical("runs"), critical("wide", {}, {.cores = 2}), critical("narrow"), critical("waits", {}, {.cores = 0})},
      {{"wide", Millis{100}}});
  EXPECT_THAT(chosen(plan, {.cores = 2}, {{"runs", TaskState::kRunning}}), ElementsAre("waits"));
}

TEST(Plan, BackgroundWaitsWhereItWouldTakeACoreThatACriticalTaskMayWant) {
  const Plan plan = plan_of({critical("open"), critical("ready", {"open"}), background("clean")});
  EXPECT_THAT(chosen(plan, {.cores = 1}), ElementsAre("open"));
  EXPECT_THAT(chosen(plan, {.cores = 1}, {{"open", TaskState::kRunning}}), IsEmpty());
  EXPECT_THAT(chosen(plan, {.cores = 2}, {{"open", TaskState::kRunning}}), IsEmpty()) << "\"ready\" is still to come";
  EXPECT_THAT(chosen(plan, {.cores = 2}, {{"open", TaskState::kDone}, {"ready", TaskState::kRunning}}),
              ElementsAre("clean"));
  EXPECT_THAT(chosen(plan, {.cores = 3}), ElementsAre("open", "clean")) << "room for all at once";
}

TEST(Plan, BackgroundWaitsForACriticalTaskThatWillBeTriedAgain) {
  const Plan plan = plan_of({critical("open"), background("clean")});
  EXPECT_THAT(chosen(plan, {.cores = 1}, {{"open", TaskState::kRetrying}}), IsEmpty());
  EXPECT_THAT(chosen(plan, {.cores = 1}, {{"open", TaskState::kFailed}}), ElementsAre("clean"));
}

TEST(Plan, BackgroundThatTakesNothingDelaysNobody) {
  const Plan plan = plan_of({critical("open"), background("watch", {}, {.cores = 0})});
  EXPECT_THAT(chosen(plan, {.cores = 1}), ElementsAre("open", "watch"));
}

TEST(Plan, BackgroundNeverDelaysACriticalTask) {
  // Whatever the states, adding background tasks must not change which critical tasks start, in any machine.
  const std::vector<Node> tasks = {critical("a", {}, {.cores = 1, .memory = 3_GiB}), critical("b", {"a"}, {.cores = 2}),
                                   critical("c", {}, {.cores = 1, .disk = 50, .memory = 2_GiB})};
  std::vector<Node> with = tasks;
  with.push_back(background("x", {}, {.cores = 1, .memory = 1_GiB}));
  with.push_back(background("y", {}, {.cores = 0, .disk = 80}));
  const Plan alone = plan_of(tasks), both = plan_of(with);
  const TaskState kinds[] = {TaskState::kWaiting, TaskState::kRunning, TaskState::kDone, TaskState::kRetrying,
                             TaskState::kFailed};
  for (int cores = 1; cores <= 5; ++cores) {
    const Machine machine{.cores = cores, .memory = 6_GiB};
    std::vector<TaskState> running_background(2, TaskState::kWaiting);
    for (int code = 0; code < 125; ++code) {
      std::vector<TaskState> states = {kinds[code % 5], kinds[code / 5 % 5], kinds[code / 25]};
      const auto before = choose(alone, states, machine);
      states.insert(states.end(), 2, TaskState::kWaiting);
      // Background tasks that were let in at this state run on; every later state of the critical ones must not feel
      // them.
      for (const Plan::Index task : choose(both, states, machine)) states[task] = TaskState::kRunning;
      std::vector<TaskState> later = {TaskState::kWaiting, TaskState::kWaiting, TaskState::kWaiting};
      for (std::size_t i = 0; i < 3; ++i) {
        if (is_settled(states[i])) later[i] = states[i];
      }
      const auto expected = choose(alone, later, machine);
      later.push_back(states[3]), later.push_back(states[4]);
      std::vector<Plan::Index> got = choose(both, later, machine);
      std::erase_if(got, [](Plan::Index task) { return task >= 3; });
      EXPECT_EQ(got, expected) << "cores " << cores << ", states " << code;
      EXPECT_LE(before.size(), 3u);
    }
  }
}

TEST(Plan, FindsAllThatAFailureBlocksWithItsFirstCause) {
  const Plan plan = plan_of(
      {critical("a"), critical("b", {"a"}), critical("c", {"b"}), critical("other"), critical("d", {"other", "c"})});
  const auto blocked = find_blocked(plan, states_of(plan, {{"a", TaskState::kFailed}, {"other", TaskState::kDone}}));
  ASSERT_EQ(blocked.size(), 3u);
  for (const Blocked& one : blocked) EXPECT_EQ(plan.node(one.cause).name, "a");
  EXPECT_THAT(find_blocked(plan, states_of(plan, {{"a", TaskState::kDone}})), IsEmpty());
}

TEST(Plan, EveryStateHasAName) {
  for (const TaskState state : {TaskState::kWaiting, TaskState::kRunning, TaskState::kRetrying, TaskState::kDone,
                                TaskState::kFailed, TaskState::kBlocked, TaskState::kCancelled}) {
    EXPECT_FALSE(task_state_name(state).empty());
  }
  EXPECT_FALSE(is_settled(TaskState::kRetrying));
  EXPECT_TRUE(is_settled(TaskState::kBlocked));
}

}  // namespace
}  // namespace hearth::startup
