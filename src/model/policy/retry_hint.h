#pragma once

#include <optional>

#include "base/units.h"

namespace hearth::model {

struct LoadForecast {
  base::Duration elapsed{};                   // since it was asked for
  double progress = 0;                        // 0 … 1
  std::optional<base::Duration> last_load{};  // how long it took the last time
};

/// When a caller that does not wait should ask again: what is left of the last load's time, else by the progress made,
/// else a second. Between 100 ms and 60 s. Pure.
[[nodiscard]] base::Millis forecast_retry(const LoadForecast& forecast);

}  // namespace hearth::model
