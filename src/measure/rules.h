#pragma once

// What a start of several models is held against: itself with each model alone, its processor time, its memory. Judged
// by whole_stack.h.

#include <optional>

#include "base/units.h"

namespace hearth::measure {

/// Medians over starts of the whole and of each model alone, page cache warm, in milliseconds from listening to ready.
struct WallRule {
  double whole = 0;
  double sum_of_singles = 0;
  double slowest_single = 0;
  double cpu_ms = 0;  // of the whole, from exec to ready
  int cores = 1;
  /// The largest of 0.6 × the sum, 1.15 × processor time / cores, 1.15 × the slowest.
  [[nodiscard]] double allowed() const;
  [[nodiscard]] bool is_kept() const { return whole <= allowed(); }
};

/// The worst of the warm starts.
struct MemoryRule {
  base::Bytes peak{};      // the most resident memory until ready
  base::Bytes at_ready{};  // what was left of it then: everything loaded, nothing asked yet
  base::Bytes in_use{};    // after the first results
  [[nodiscard]] double ratio() const;
  [[nodiscard]] bool is_kept() const { return ratio() <= 1.15; }
};

/// Those that could be judged.
struct Rules {
  std::optional<WallRule> wall{};
  std::optional<MemoryRule> memory{};
};

}  // namespace hearth::measure
