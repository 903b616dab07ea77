#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "engines/whisper/ggml_file.h"
#include "engines/whisper/pieces.h"

namespace hearth::engines::whisper {

/// Whether text is given to the model before the sound: then it is readier to go on writing when the sound has ended.
enum class Prompted { kNo, kYes };

/// How much of its 30 s the encoder looks at, in frames of 20 ms, for a sound that was cut into `pieces`. Its cost
/// grows with the window: 11 s take half of what 30 s do, with the same words. Sized for one short piece only: the
/// model was trained on whole windows, and on long sound cut into sized ones the word error rate rises many times over.
/// Pure.
[[nodiscard]] constexpr int encoder_window(std::span<const Piece> pieces, Prompted prompted = Prompted::kNo) {
  constexpr std::size_t kLongest = 28 * kSamplesPerSecond;
  constexpr std::size_t kFrame = kSamplesPerSecond / 50;
  // Silence after the words, without which the last one may be lost or all of them repeated. With a prompt, windows
  // below 512 frames did that to one sentence in twenty.
  const std::size_t margin = prompted == Prompted::kYes ? 256 : 64;
  const std::size_t least = prompted == Prompted::kYes ? 512 : 256;
  constexpr std::size_t kStep = 64;
  if (pieces.size() != 1 || pieces.front().size() > kLongest) return kAudioContext;
  const std::size_t frames = (pieces.front().size() + kFrame - 1) / kFrame + margin;
  const std::size_t rounded = (frames + kStep - 1) / kStep * kStep;
  return static_cast<int>(std::clamp(rounded, least, static_cast<std::size_t>(kAudioContext)));
}

}  // namespace hearth::engines::whisper
