#pragma once

#include <optional>

#include "base/units.h"

namespace hearth::base {

/// Lets one through in a while, so that what fails again and again does not fill the log. Not thread-safe.
class Seldom {
 public:
  explicit Seldom(Duration gap) : gap_(gap) {}
  [[nodiscard]] bool is_due(Instant now) {
    if (next_ && now < *next_) return false;
    next_ = now + gap_;
    return true;
  }

 private:
  const Duration gap_;
  std::optional<Instant> next_;
};

}  // namespace hearth::base
