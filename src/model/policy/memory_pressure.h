#pragma once

#include <string_view>

#include "base/units.h"

namespace hearth::model {

/// What is given up as memory gets short, in this order; each level includes those before it.
enum class Pressure {
  kNone,
  kStopPriming,  // no synthetic inference
  kEvictIdle,    // models that nobody uses leave memory, pinned ones excepted
  kRefuseLoads,  // and no new load begins: a clear refusal is better than the kernel's choice of a victim
};

struct MemoryReading {
  base::Bytes total{};      // the machine's, or the container's limit where that is less
  base::Bytes available{};  // what can still be had without swapping
  double stalled_percent =
      0;  // share of the last 10 s in which some task waited for memory; 0 where the kernel does not say
};

/// The level for a reading. A level that has been reached is left only when the reading is clearly better (a quarter
/// more memory), so that models do not go and come. Pure.
[[nodiscard]] Pressure decide_pressure(const MemoryReading& reading, Pressure current);

[[nodiscard]] std::string_view pressure_name(Pressure pressure);

}  // namespace hearth::model
