#include "model/budget.h"

#include <gtest/gtest.h>

namespace hearth::model {
namespace {

using base::Bytes;

ModelKey key(const char* name) { return {name}; }

TEST(Budget, EstimatesFromTheFilesUntilItHasMeasured) {
  Budget budget(Bytes{1000}, 2.0, {});
  EXPECT_EQ(budget.need(key("a"), Bytes{100}), Bytes{200});
  budget.reserve(key("a"), Bytes{200});
  EXPECT_EQ(budget.committed(), Bytes{200});
  budget.settle(key("a"), Bytes{100}, {Bytes{150}, MeasureKind::kAlone});
  EXPECT_EQ(budget.committed(), Bytes{150});
  budget.release(key("a"));
  EXPECT_EQ(budget.committed(), Bytes{0});
  EXPECT_EQ(budget.need(key("a"), Bytes{100}), Bytes{150});
}

TEST(Budget, MeasuresOfTheLastStartAreUsedInThisOne) {
  Budget first(Bytes{1000}, 2.0, {});
  first.settle(key("a"), Bytes{100}, {Bytes{123}, MeasureKind::kAlone});
  EXPECT_EQ(Budget(Bytes{1000}, 2.0, first.measures()).need(key("a"), Bytes{100}), Bytes{123});
}

TEST(Budget, AMeasureMadeAloneIsNotReplacedByAShareOfACommonGrowth) {
  Budget budget(Bytes{1000}, 2.0, {});
  budget.settle(key("a"), Bytes{100}, {Bytes{150}, MeasureKind::kAlone});
  budget.settle(key("a"), Bytes{100}, {Bytes{400}, MeasureKind::kShared});
  EXPECT_EQ(budget.need(key("a"), Bytes{100}), Bytes{150});
  budget.settle(key("a"), Bytes{100}, {Bytes{160}, MeasureKind::kAlone});
  EXPECT_EQ(budget.need(key("a"), Bytes{100}), Bytes{160});
}

TEST(Budget, AnImplausiblySmallMeasureCountsAsHalfOfTheFiles) {
  Budget budget(Bytes{1000}, 2.0, {});
  budget.settle(key("a"), Bytes{100}, {Bytes{-30}, MeasureKind::kAlone});
  EXPECT_EQ(budget.need(key("a"), Bytes{100}), Bytes{50});
}

TEST(Budget, ReservingAgainReplacesAndReleasingTwiceIsHarmless) {
  Budget budget(Bytes{1000}, 2.0, {});
  budget.reserve(key("a"), Bytes{200});
  budget.reserve(key("a"), Bytes{300});
  EXPECT_EQ(budget.committed(), Bytes{300});
  budget.release(key("a"));
  budget.release(key("a"));
  EXPECT_EQ(budget.committed(), Bytes{0});
}

TEST(GrowthMeter, OneLoadAloneGetsTheWholeGrowth) {
  GrowthMeter meter;
  meter.begin(key("a"), Bytes{10});
  const auto shares = meter.end(key("a"), Bytes{1000}, Bytes{1300}, true);
  ASSERT_EQ(shares.size(), 1U);
  EXPECT_EQ(shares[0].measure, (Measure{Bytes{300}, MeasureKind::kAlone}));
}

TEST(GrowthMeter, OverlappingLoadsShareByTheirEstimatesWhenTheLastHasEnded) {
  GrowthMeter meter;
  meter.begin(key("a"), Bytes{100});
  meter.begin(key("b"), Bytes{300});
  EXPECT_TRUE(meter.end(key("b"), Bytes{1050}, Bytes{1400}, true).empty());
  const auto shares = meter.end(key("a"), Bytes{1000}, Bytes{1800}, true);
  ASSERT_EQ(shares.size(), 2U);
  EXPECT_EQ(shares[0].measure, (Measure{Bytes{200}, MeasureKind::kShared}));
  EXPECT_EQ(shares[1].measure, (Measure{Bytes{600}, MeasureKind::kShared}));
}

TEST(GrowthMeter, AFailedLoadGetsNoShareAndAnUnloadSpoilsTheEpisode) {
  GrowthMeter meter;
  meter.begin(key("a"), Bytes{100});
  meter.begin(key("b"), Bytes{100});
  EXPECT_TRUE(meter.end(key("b"), Bytes{1000}, Bytes{1000}, false).empty());
  const auto shares = meter.end(key("a"), Bytes{1000}, Bytes{1200}, true);
  ASSERT_EQ(shares.size(), 1U);
  EXPECT_EQ(shares[0].measure, (Measure{Bytes{200}, MeasureKind::kShared}));

  meter.begin(key("a"), Bytes{100});
  meter.disturb();
  EXPECT_TRUE(meter.end(key("a"), Bytes{1000}, Bytes{1200}, true).empty());
  meter.begin(key("a"), Bytes{100});
  EXPECT_EQ(meter.end(key("a"), Bytes{1000}, Bytes{1200}, true).size(), 1U) << "the next episode is a new one";
}

TEST(GrowthMeter, ALoadTriedAgainWhileAnotherRunsHasOneShare) {
  GrowthMeter meter;
  meter.begin(key("a"), Bytes{100});
  meter.begin(key("b"), Bytes{100});
  EXPECT_TRUE(meter.end(key("b"), Bytes{1000}, Bytes{1000}, false).empty());
  meter.begin(key("b"), Bytes{100});
  EXPECT_TRUE(meter.end(key("b"), Bytes{1000}, Bytes{1100}, true).empty());
  const auto shares = meter.end(key("a"), Bytes{1000}, Bytes{1200}, true);
  ASSERT_EQ(shares.size(), 2U);
  EXPECT_EQ(shares[0].measure.bytes + shares[1].measure.bytes, Bytes{200});
}

}  // namespace
}  // namespace hearth::model
