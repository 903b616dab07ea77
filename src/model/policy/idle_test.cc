#include <gtest/gtest.h>

#include "model/policy/keep_alive.h"
#include "model/policy/memory_pressure.h"
#include "model/policy/retry_hint.h"

namespace hearth::model {
namespace {

using base::Bytes;
using base::Instant;
using base::Millis;

constexpr Instant kNow{std::chrono::hours{1}};

TEST(DecideIdle, UnloadsAtTheEndOfTheTtlAndNotBefore) {
  IdleView view{.now = kNow, .idle_since = kNow - Millis{99}, .ttl = Millis{100}};
  EXPECT_FALSE(decide_idle(view).unload);
  EXPECT_EQ(decide_idle(view).ask_again, kNow + Millis{1});
  view.idle_since = kNow - Millis{100};
  EXPECT_TRUE(decide_idle(view).unload);
}

TEST(DecideIdle, NeverWithoutATtlNorPinnedNorInUse) {
  const IdleView due{.now = kNow, .idle_since = {}, .ttl = Millis{100}};
  IdleView no_ttl = due, pinned = due, in_use = due;
  no_ttl.ttl.reset();
  pinned.pinned = true;
  in_use.in_use = true;
  for (const IdleView& view : {no_ttl, pinned, in_use}) {
    EXPECT_FALSE(decide_idle(view).unload);
    EXPECT_FALSE(decide_idle(view).ask_again);
  }
}

TEST(KeepAlive, TouchesOnlyWhatIsIdleForLongerThanTheThresholdAndNotTooOften) {
  KeepAliveView view{.now = kNow,
                     .idle_since = kNow - Millis{121},
                     .last_touch = kNow - Millis{300},
                     .threshold = Millis{120},
                     .interval = Millis{300}};
  EXPECT_TRUE(is_touch_due(view));
  view.in_use = true;
  EXPECT_FALSE(is_touch_due(view));
  view.in_use = false;
  view.idle_since = kNow - Millis{120};
  EXPECT_FALSE(is_touch_due(view));
  view.idle_since = kNow - Millis{500};
  view.last_touch = kNow - Millis{299};
  EXPECT_FALSE(is_touch_due(view));
}

TEST(DecidePressure, LevelsComeInOrderAndByEitherSignal) {
  const auto at = [](std::int64_t available, double stalled = 0) {
    return decide_pressure({.total = Bytes{1000}, .available = Bytes{available}, .stalled_percent = stalled},
                           Pressure::kNone);
  };
  EXPECT_EQ(at(500), Pressure::kNone);
  EXPECT_EQ(at(120), Pressure::kStopPriming);
  EXPECT_EQ(at(70), Pressure::kEvictIdle);
  EXPECT_EQ(at(30), Pressure::kRefuseLoads);
  EXPECT_EQ(at(500, 20), Pressure::kEvictIdle);
  EXPECT_EQ(at(500, 60), Pressure::kRefuseLoads);
}

TEST(DecidePressure, ALevelIsLeftOnlyWhenItIsClearlyBetter) {
  const MemoryReading reading{.total = Bytes{1000}, .available = Bytes{80}};
  EXPECT_EQ(decide_pressure(reading, Pressure::kNone), Pressure::kStopPriming);
  EXPECT_EQ(decide_pressure(reading, Pressure::kEvictIdle), Pressure::kEvictIdle);
  EXPECT_EQ(decide_pressure({.total = Bytes{1000}, .available = Bytes{90}}, Pressure::kEvictIdle),
            Pressure::kStopPriming);
}

TEST(DecidePressure, AnUnknownMachineIsNotUnderPressure) {
  EXPECT_EQ(decide_pressure({}, Pressure::kNone), Pressure::kNone);
}

TEST(ForecastRetry, TakesTheLastLoadsTimeThenTheProgressThenASecond) {
  EXPECT_EQ(forecast_retry({.elapsed = Millis{200}, .progress = 0.5, .last_load = Millis{900}}), Millis{700});
  EXPECT_EQ(forecast_retry({.elapsed = Millis{1000}, .progress = 0.5, .last_load = Millis{900}}), Millis{1000});
  EXPECT_EQ(forecast_retry({.elapsed = Millis{1000}, .progress = 0, .last_load = {}}), Millis{1000});
  EXPECT_EQ(forecast_retry({.elapsed = Millis{1000}, .progress = 1, .last_load = {}}), Millis{100});
  EXPECT_EQ(forecast_retry({.elapsed = std::chrono::hours{9}, .progress = 0.02, .last_load = {}}), Millis{60000});
}

}  // namespace
}  // namespace hearth::model
