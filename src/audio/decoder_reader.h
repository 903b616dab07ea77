#pragma once

// Sound as a library or another program hands it out, before it is mixed and resampled (decoder.cc).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
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

/// Opens what libsndfile does not read; `name` is the kind, for messages. `bytes` outlive the reader, which ends soon
/// after `stop`. Errors: kInvalidArgument (no sound in it, damaged), kUnsupported (this build or machine cannot),
/// kExhausted, kCancelled.
using OpenOtherSound = std::function<base::Result<std::unique_ptr<SoundReader>>(
    std::string_view bytes, std::string_view name, const std::stop_token& stop)>;

/// By libsndfile, which is opened when it is first needed and stays open. `bytes` must outlive the reader. Errors:
/// kUnsupported (no library on this machine; a coding that it does not know), kInvalidArgument (damaged).
[[nodiscard]] base::Result<std::unique_ptr<SoundReader>> open_sound(std::string_view bytes, Container container,
                                                                    const char* library = "libsndfile.so.1");

}  // namespace hearth::audio
