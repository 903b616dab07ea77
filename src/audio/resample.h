#pragma once

// From one sample rate to another, by libsoxr, whose library is opened when the first sound needs it and stays open: a
// start does not pay for it.

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace hearth::audio {

/// One stream of mono f32 from first sample to last. Holds a few thousand samples back. One thread at a time.
class Resampler {
 public:
  /// soxr's "high quality": 20 bit, linear phase, 0.913 of the lower band kept. Equal rates pass through and need no
  /// library. Errors: kUnsupported (no libsoxr on this machine), kInvalidArgument (a rate that is not positive).
  [[nodiscard]] static base::Result<std::unique_ptr<Resampler>> make(base::SampleRate from, base::SampleRate to,
                                                                     const char* library = "libsoxr.so.0");
  virtual ~Resampler() = default;
  /// Appends to `out` what is ready. kInternal when the library gives up.
  [[nodiscard]] virtual base::Result<void> append(std::span<const float> samples, std::vector<float>& out) = 0;
  /// Appends the rest; once, after the last. Then all calls together have given in * to / from samples, rounded.
  [[nodiscard]] virtual base::Result<void> finish(std::vector<float>& out) = 0;
};

}  // namespace hearth::audio
