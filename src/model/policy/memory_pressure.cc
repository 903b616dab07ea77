#include "model/policy/memory_pressure.h"

namespace hearth::model {
namespace {

struct Threshold {
  Pressure level;
  double available;  // share of the total: at or below it the level is reached
  double stalled;    // percent: at or above it the level is reached
};
// From mild to severe. Page reclaim begins to be felt below a tenth; below a thirtieth one load can end the process.
constexpr Threshold kThresholds[] = {
    {Pressure::kStopPriming, 0.12, 5.0}, {Pressure::kEvictIdle, 0.07, 15.0}, {Pressure::kRefuseLoads, 0.03, 40.0}};
constexpr double kLeaveFactor = 1.25;

}  // namespace

Pressure decide_pressure(const MemoryReading& reading, Pressure current) {
  if (reading.total <= base::Bytes{}) return Pressure::kNone;  // nothing is known: nothing is given up
  const double available = static_cast<double>(reading.available.count) / static_cast<double>(reading.total.count);
  Pressure level = Pressure::kNone;
  for (const Threshold& threshold : kThresholds) {
    const double factor = current >= threshold.level ? kLeaveFactor : 1.0;
    if (available <= threshold.available * factor || reading.stalled_percent * factor >= threshold.stalled) {
      level = threshold.level;
    }
  }
  return level;
}

std::string_view pressure_name(Pressure pressure) {
  switch (pressure) {
    case Pressure::kNone:
      return "none";
    case Pressure::kStopPriming:
      return "stop_priming";
    case Pressure::kEvictIdle:
      return "evict_idle";
    case Pressure::kRefuseLoads:
      return "refuse_loads";
  }
  return "unknown";
}

}  // namespace hearth::model
