#pragma once

#include <array>
#include <span>
#include <stop_token>

#include "base/result.h"
#include "base/units.h"

namespace hearth::engine {

/// What one stream of sound has left behind: belongs to the caller, one a stream; the weights are shared. A new one is
/// silence. Copyable, so that a stream can be tried ahead and taken back.
struct VoiceState {
  std::array<float, 2 * 1 * 128> hidden{};  // of the recurrent layer
  std::array<float, 64> tail{};             // the last samples of the window before
};

/// Voice activity, window by window. Implementation: engines/onnx/silero (Silero VAD 6.2).
class VoiceDetector {
 public:
  static constexpr base::SampleRate kSampleRate{16'000};
  static constexpr std::size_t kWindow = 512;  // samples: 32 ms

  virtual ~VoiceDetector() = default;
  /// The probability, 0 … 1, that somebody speaks in `window` (mono f32 in [-1, 1] at kSampleRate), given what came
  /// before in this stream. Changes `state`, unless it fails. Blocks for well under a millisecond; any thread, calls
  /// with different states may overlap. kCancelled on stop.
  [[nodiscard]] virtual base::Result<float> detect(std::span<const float, kWindow> window, VoiceState& state,
                                                   std::stop_token stop) = 0;
};

}  // namespace hearth::engine
