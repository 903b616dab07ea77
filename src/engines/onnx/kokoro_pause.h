#pragma once

// How long a pause of the text really lasts. A voice is silent of itself before and behind what it says (0.1 s around
// the vocoder's pieces, up to 0.5 and 0.7 s in the sound of the whole graph), so silence put between two segments makes
// a longer pause than was asked for. Here what is silent already counts, what is too much of it is left out, and what
// lacks is zeros. PURE; one instance a request, used by one thread at a time. Numbers are samples.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

namespace hearth::engines::onnx {

/// Nothing louder is left out of a sound: -60 dB of full scale, below the softest beginning of a consonant.
inline constexpr float kLoudestSilence = 1e-3F;

/// How many samples of its beginning are silent; all of them where nothing is heard.
[[nodiscard]] inline std::size_t silent_head(std::span<const float> sound) {
  const auto heard =
      std::find_if(sound.begin(), sound.end(), [](float sample) { return !(std::abs(sample) <= kLoudestSilence); });
  return static_cast<std::size_t>(heard - sound.begin());
}

/// How many samples of its end are silent.
[[nodiscard]] inline std::size_t silent_tail(std::span<const float> sound) {
  const auto heard =
      std::find_if(sound.rbegin(), sound.rend(), [](float sample) { return !(std::abs(sample) <= kLoudestSilence); });
  return static_cast<std::size_t>(heard - sound.rbegin());
}

/// The calls for one pause: end() with the last sound before it, ask(), begin() with the first sound behind it. Where
/// the text begins or ends with the pause, the first or the last is left out; finish() ends a text.
class PauseKeeper {
 public:
  /// `most_head`: how much silence a sound may have in front for which room is left. The rest of a pause need not wait
  /// until that sound is made.
  explicit PauseKeeper(std::size_t most_head) : most_head_(most_head) {}

  /// What to play of a segment's last sound; `asked` is the pause behind it, 0 for none.
  [[nodiscard]] std::span<const float> end(std::span<const float> sound, std::size_t asked) {
    if (asked == 0) return sound;
    const std::size_t tail = silent_tail(sound);
    counted_ = std::min(tail, asked);
    return sound.first(sound.size() - (tail - counted_));
  }

  /// A pause of so many samples stands here. Gives the zeros to play now.
  [[nodiscard]] std::size_t ask(std::size_t samples) {
    if (samples == 0) return 0;
    is_asked_ = true;
    owed_ += samples - std::min(samples, std::exchange(counted_, 0));
    const std::size_t now = owed_ - std::min(owed_, most_head_);
    owed_ -= now;
    return now;
  }

  struct Onset {
    std::size_t zeros = 0;         // to play first
    std::span<const float> sound;  // what to play of the sound
  };

  /// For the first sound of every segment, whether a pause stands before it or not.
  [[nodiscard]] Onset begin(std::span<const float> sound) {
    if (!std::exchange(is_asked_, false)) return {0, sound};
    const std::size_t head = silent_head(sound);
    const std::size_t kept = std::min(head, owed_);
    return {std::exchange(owed_, 0) - kept, sound.subspan(head - kept)};
  }

  /// The zeros still to play when no sound follows.
  [[nodiscard]] std::size_t finish() {
    is_asked_ = false;
    return std::exchange(owed_, 0);
  }

 private:
  const std::size_t most_head_;
  std::size_t counted_ = 0;  // silence at the end of what was played that is part of the pause to come
  std::size_t owed_ = 0;     // of the pause, not yet played
  bool is_asked_ = false;    // a pause stands before the next sound
};

}  // namespace hearth::engines::onnx
