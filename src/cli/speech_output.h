#pragma once

// Where `hearth say` puts what it speaks: a file that appears when it is whole, standard output, or the loudspeaker.

#include <memory>
#include <string>
#include <string_view>

#include "audio/format.h"
#include "base/result.h"
#include "base/units.h"

namespace hearth::cli {

/// Takes encoded bytes of one format, in order. One thread.
class SpeechOutput {
 public:
  virtual ~SpeechOutput() = default;
  [[nodiscard]] virtual base::Result<void> write(std::string_view bytes) = 0;
  /// All was said: a file gets its name, a loudspeaker is heard to the end. Without it nothing is left behind.
  [[nodiscard]] virtual base::Result<void> finish() = 0;
};

/// `target`: a file's name, "-" for standard output, "" for the loudspeaker (format kPcm). What exists and is no
/// regular file (a pipe, /dev/null) is written to as it comes; opening a pipe waits for its reader.
[[nodiscard]] base::Result<std::unique_ptr<SpeechOutput>> open_speech_output(const std::string& target,
                                                                             audio::AudioFormat format,
                                                                             base::SampleRate rate);

}  // namespace hearth::cli
