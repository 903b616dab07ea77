#include "model/policy/retry_hint.h"

#include <algorithm>

namespace hearth::model {

base::Millis forecast_retry(const LoadForecast& forecast) {
  constexpr base::Millis kLeast{100}, kMost{60'000}, kUnknown{1'000};
  base::Millis left = kUnknown;
  if (forecast.last_load && *forecast.last_load > forecast.elapsed) {
    left = std::chrono::ceil<base::Millis>(*forecast.last_load - forecast.elapsed);
  } else if (forecast.progress > 0.01) {
    const double share = std::max(0.0, 1.0 / std::min(forecast.progress, 1.0) - 1.0);
    const double millis = base::to_millis(forecast.elapsed) * share;
    left = base::Millis{static_cast<std::int64_t>(std::min(millis, 60'000.0))};
  }
  return std::clamp(left, kLeast, kMost);
}

}  // namespace hearth::model
