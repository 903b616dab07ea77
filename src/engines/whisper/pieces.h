#pragma once

// Where long sound is cut before it is transcribed. Whisper looks at 30 s at once; a cut amid a word costs that word on
// both sides, so cuts are made where it is softest. What is silent throughout is not transcribed at all: given nothing
// to hear, the model invents what people say most ("Thank you."). Pure.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace hearth::engines::whisper {

/// Samples [begin, end) of a sound.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
  friend bool operator==(const Piece&, const Piece&) = default;
};

inline constexpr std::size_t kSamplesPerSecond = 16'000;
inline constexpr std::size_t kLongestPiece = 30 * kSamplesPerSecond;

/// In order, without overlap, each of at most kLongestPiece; between them and around them is silence (quieter than -60
/// dB of full scale for two seconds and more). None for silence. `samples`: mono f32 at 16 kHz; what is not finite
/// counts as silence.
[[nodiscard]] std::vector<Piece> cut_pieces(std::span<const float> samples);

/// What a model left out when it stopped writing at sample `heard_until`: the rest of `piece`, where two seconds and
/// more of it are about as loud as what was heard. A small model does so now and then in the middle of a window, sure
/// of itself, and twenty seconds of speech would be missing. Nothing where less than a second was heard, so that asking
/// again comes to an end.
[[nodiscard]] std::optional<Piece> find_unheard(std::span<const float> samples, Piece piece, std::size_t heard_until);

}  // namespace hearth::engines::whisper
