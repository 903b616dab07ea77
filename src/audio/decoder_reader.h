#pragma once

// Inside audio/: sound as a library hands it out, before it is mixed and resampled.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "audio/decoder_container.h"
#include "base/result.h"
#include "base/units.h"

namespace hearth::audio {

/// One file from its first frame to its last (a frame is one sample of every channel). One thread.
class SoundReader {
 public:
  virtual ~SoundReader() = default;
  /// Fills `interleaved` as far as there is sound; a multiple of channels() fits in. The number of frames; 0 is the
  /// end. Errors: kInvalidArgument (damaged from here on).
  [[nodiscard]] virtual base::Result<std::size_t> read(std::span<float> interleaved) = 0;
  [[nodiscard]] virtual base::SampleRate rate() const = 0;
  [[nodiscard]] virtual std::size_t channels() const = 0;
  /// What the header says, where it says something. Not to be trusted.
  [[nodiscard]] virtual std::optional<std::int64_t> frames() const = 0;
  /// Whether fewer frames than frames() mean that the file is cut off, or only that its header had to guess.
  [[nodiscard]] virtual bool is_exact() const = 0;
};

/// By libsndfile, which is opened when it is first needed and stays open. `bytes` must outlive the reader. Errors:
/// kUnsupported (no library on this machine; a coding that it does not know), kInvalidArgument (damaged).
[[nodiscard]] base::Result<std::unique_ptr<SoundReader>> open_sound(std::string_view bytes, Container container,
                                                                    const char* library = "libsndfile.so.1");

}  // namespace hearth::audio
