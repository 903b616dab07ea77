#include "model/policy/admission.h"

#include <gtest/gtest.h>

namespace hearth::model {
namespace {

using base::Bytes;
using base::Instant;
using base::Millis;

constexpr Instant kNow{std::chrono::hours{1}};

Resident idle(std::size_t id, std::int64_t bytes) {
  return {.id = id,
          .group = 0,
          .bytes = Bytes{bytes},
          .last_used = kNow - Millis{10},
          .in_use = false,
          .loaded = true,
          .pinned = false,
          .has_served = true};
}

class DecideAdmission : public ::testing::Test {
 protected:
  Admission decide() {
    view.residents = residents;
    view.committed = Bytes{};
    for (const Resident& resident : residents) view.committed += resident.bytes;
    return decide_admission(view);
  }
  std::vector<Resident> residents;
  AdmissionView view{.need = Bytes{50},
                     .limit = Bytes{100},
                     .committed = {},
                     .freeing = {},
                     .promised = {},
                     .cap = {},
                     .now = kNow,
                     .unserved_grace = Millis{1000},
                     .residents = {}};
};

TEST_F(DecideAdmission, AdmitsWhatFitsToTheLastByte) {
  residents = {idle(0, 50)};
  EXPECT_EQ(decide().verdict, Verdict::kAdmit);
  view.need = Bytes{51};
  EXPECT_EQ(decide().verdict, Verdict::kWaitForUnload);
}

TEST_F(DecideAdmission, NamesWhoLeavesAndThenWaitsWithoutNamingMore) {
  residents = {idle(0, 60)};
  const Admission first = decide();
  EXPECT_EQ(first.evict, (std::vector<std::size_t>{0}));
  residents[0].loaded = false;
  view.freeing = Bytes{60};
  const Admission second = decide();
  EXPECT_EQ(second.verdict, Verdict::kWaitForUnload);
  EXPECT_TRUE(second.evict.empty());
}

TEST_F(DecideAdmission, WhatIsPromisedToLoadsAheadIsNotGivenToOthers) {
  residents = {idle(0, 60)};
  residents[0].loaded = false;
  view.freeing = Bytes{60};
  view.promised = Bytes{90};
  view.need = Bytes{20};
  EXPECT_EQ(decide().verdict, Verdict::kWaitForUse);
  view.need = Bytes{10};
  EXPECT_EQ(decide().verdict, Verdict::kWaitForUnload);
}

TEST_F(DecideAdmission, RefusesOnlyWhatCanNeverFitBesideThePinned) {
  residents = {idle(0, 60)};
  residents[0].in_use = true;
  EXPECT_EQ(decide().verdict, Verdict::kWaitForUse);
  residents[0].pinned = true;
  EXPECT_EQ(decide().verdict, Verdict::kRefuse);
  residents.clear();
  view.need = Bytes{101};
  EXPECT_EQ(decide().verdict, Verdict::kRefuse);
}

TEST_F(DecideAdmission, SaysWhenAnUnservedModelMayLeave) {
  residents = {idle(0, 60)};
  residents[0].has_served = false;
  const Admission admission = decide();
  EXPECT_EQ(admission.verdict, Verdict::kWaitForUse);
  EXPECT_EQ(admission.ask_again, base::Duration{Millis{990}});
}

TEST_F(DecideAdmission, CapsOnLoadsAtOnceMakeOthersWait) {
  view.max_loading = 1;
  EXPECT_EQ(decide().verdict, Verdict::kAdmit);
  view.loading = 1;
  EXPECT_EQ(decide().verdict, Verdict::kWaitForSlot);
  view.loading = view.max_loading = 0;
  view.cap.max_loading = 2;
  view.group_loading = 2;
  EXPECT_EQ(decide().verdict, Verdict::kWaitForSlot);
}

TEST_F(DecideAdmission, ACapOnModelsInMemoryEvictsInTheGroupOrRefuses) {
  residents = {idle(0, 10)};
  view.cap.max_loaded = 1;
  EXPECT_EQ(decide().evict, (std::vector<std::size_t>{0}));
  residents[0].pinned = true;
  EXPECT_EQ(decide().verdict, Verdict::kRefuse);
  residents[0].group = 1;
  EXPECT_EQ(decide().verdict, Verdict::kAdmit);
}

TEST_F(DecideAdmission, WithoutALimitEverythingFits) {
  residents = {idle(0, std::int64_t{1} << 40)};
  view.limit = Bytes{std::numeric_limits<std::int64_t>::max()};
  EXPECT_EQ(decide().verdict, Verdict::kAdmit);
}

}  // namespace
}  // namespace hearth::model
