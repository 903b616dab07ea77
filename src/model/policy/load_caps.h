#pragma once

#include <span>
#include <vector>

#include "base/units.h"

namespace hearth::model {

/// Models whose loads are capped together.
struct CapGroup {
  int most = 1;                    // at once, on any machine
  std::vector<base::Bytes> needs;  // what each of its models is expected to take
};

struct LoadCaps {
  std::vector<int> groups;  // at once, of each group; at least 1
  int at_once = 1;          // of all groups
};

/// How many loads may run at once: no more than there are cores (but two, so that one reads while the other computes),
/// and never so many that the largest ones together would not fit in `free`. What is loaded at last is for the budget
/// to decide; this is about what is in memory *while* models load. One at a time is always allowed. Pure.
[[nodiscard]] LoadCaps plan_load_caps(int cores, base::Bytes free, std::span<const CapGroup> groups);

}  // namespace hearth::model
