#include "model/policy/eviction.h"

#include <gtest/gtest.h>

namespace hearth::model {
namespace {

using base::Bytes;
using base::Instant;
using base::Millis;

constexpr Instant kNow{std::chrono::hours{1}};

Resident idle(std::size_t id, std::int64_t bytes, int idle_ms, int group = 0) {
  return {.id = id,
          .group = group,
          .bytes = Bytes{bytes},
          .last_used = kNow - Millis{idle_ms},
          .in_use = false,
          .loaded = true,
          .pinned = false,
          .has_served = true};
}
EvictionAsk ask(std::int64_t bytes, int models = 0) {
  return {.bytes = Bytes{bytes}, .group = 0, .models = models, .now = kNow, .unserved_grace = Millis{1000}};
}
using Ids = std::vector<std::size_t>;

TEST(PlanEviction, TakesTheLeastRecentlyUsedFirst) {
  const Resident residents[] = {idle(0, 100, 10), idle(1, 100, 30), idle(2, 100, 20)};
  const EvictionPlan plan = plan_eviction(ask(150), residents);
  EXPECT_TRUE(plan.fits);
  EXPECT_EQ(plan.victims, (Ids{1, 2}));
}

TEST(PlanEviction, SparesASmallModelWhenALargeOneIsNeededAnyway) {
  const Resident residents[] = {idle(0, 10, 30), idle(1, 500, 20)};
  EXPECT_EQ(plan_eviction(ask(400), residents).victims, (Ids{1}));
}

TEST(PlanEviction, NeverNamesALeasedLoadingPinnedOrJustLoadedModel) {
  Resident leased = idle(0, 100, 40), loading = idle(1, 100, 50), pinned = idle(2, 100, 60), fresh = idle(3, 100, 999);
  leased.in_use = true;
  loading.loaded = false;
  pinned.pinned = true;
  fresh.has_served = false;
  const Resident residents[] = {leased, loading, pinned, fresh};
  const EvictionPlan plan = plan_eviction(ask(1), residents);
  EXPECT_FALSE(plan.fits);
  EXPECT_TRUE(plan.victims.empty());
}

TEST(PlanEviction, AModelThatNobodyCameForMayLeaveAfterItsGrace) {
  Resident unserved = idle(0, 100, 1000);
  unserved.has_served = false;
  EXPECT_TRUE(plan_eviction(ask(50), std::span(&unserved, 1)).fits);
}

TEST(PlanEviction, EvictsNothingWhenAllTogetherWouldNotDo) {
  const Resident residents[] = {idle(0, 100, 10), idle(1, 100, 20)};
  EXPECT_TRUE(plan_eviction(ask(201), residents).victims.empty());
}

TEST(PlanEviction, NothingAskedIsAPlanWithoutVictims) {
  const Resident residents[] = {idle(0, 100, 10)};
  const EvictionPlan plan = plan_eviction(ask(0), residents);
  EXPECT_TRUE(plan.fits);
  EXPECT_TRUE(plan.victims.empty());
}

TEST(PlanEviction, AGroupsCapIsMetByModelsOfThatGroup) {
  const Resident residents[] = {idle(0, 100, 50, 1), idle(1, 100, 10, 0), idle(2, 100, 20, 0)};
  EXPECT_EQ(plan_eviction(ask(0, 1), residents).victims, (Ids{2}));
  EXPECT_EQ(plan_eviction(ask(150, 1), residents).victims, (Ids{0, 2}));
  EXPECT_FALSE(plan_eviction(ask(0, 3), residents).fits);
}

}  // namespace
}  // namespace hearth::model
