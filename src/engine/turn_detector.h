#pragma once

#include <span>
#include <stop_token>

#include "base/result.h"
#include "base/units.h"

namespace hearth::engine {

/// Whether a speaker has finished, by the sound alone. Implementation: engines/onnx/smart_turn (Smart Turn v3.2).
class TurnDetector {
 public:
  static constexpr base::SampleRate kSampleRate{16'000};

  virtual ~TurnDetector() = default;
  /// The probability, 0 … 1, that the turn is over. `turn`: mono f32 in [-1, 1] at kSampleRate, the whole turn with its
  /// pre-roll, the newest sample last; the last eight seconds count. Blocks for tens of milliseconds; any thread, calls
  /// may overlap. kCancelled on stop.
  [[nodiscard]] virtual base::Result<float> detect_end(std::span<const float> turn, std::stop_token stop) = 0;
};

}  // namespace hearth::engine
