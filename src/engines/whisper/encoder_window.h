#pragma once

#include <algorithm>
#include <cstddef>

#include "engines/whisper/ggml_file.h"
#include "engines/whisper/pieces.h"

namespace hearth::engines::whisper {

/// How much of its 30 s the encoder looks at, in frames of 20 ms, for a sound that is one piece of `samples`. Its cost
/// grows with the window: 11 s take half of what 30 s do, with the same words. For short sound only: the model was
/// trained on whole windows, and on long sound cut into sized ones the word error rate rises many times over. Pure.
[[nodiscard]] constexpr int encoder_window(std::size_t samples) {
  constexpr std::size_t kLongest = 28 * kSamplesPerSecond;
  constexpr std::size_t kFrame = kSamplesPerSecond / 50;
  // Silence after the words, without which the last one may be lost or repeated.
  constexpr std::size_t kMargin = 64;
  constexpr std::size_t kStep = 64;
  constexpr std::size_t kLeast = 256;
  if (samples > kLongest) return kAudioContext;
  const std::size_t frames = (samples + kFrame - 1) / kFrame + kMargin;
  const std::size_t rounded = (frames + kStep - 1) / kStep * kStep;
  return static_cast<int>(std::clamp(rounded, kLeast, static_cast<std::size_t>(kAudioContext)));
}

}  // namespace hearth::engines::whisper
