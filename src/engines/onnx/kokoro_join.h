#pragma once

// Joins the vocoder's pieces to one sound. PURE, one instance an utterance, used by one thread at a time.
//
// Neighbouring pieces both know the sound around their border, each in its own level and phase. The joiner moves the
// border to the softest place nearby, brings the new piece's level to that of the old one there and lets it go back,
// and fades from one to the other. It holds back no sound that it could give: one fade, a few milliseconds.

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "engines/onnx/kokoro_pieces.h"

namespace hearth::engines::onnx {

/// In samples of 24 kHz.
struct JoinPolicy {
  int fade = 144;           // 6 ms: under a pitch period of a low voice, so that two phases cannot beat
  int search = 600;         // 25 ms before and after the border for the softest place
  int edge_fade = 120;      // 5 ms in at the first sample and out at the last: no click where silence was left out
  float max_gain = 1.6F;    // 4 dB; more is no longer a difference of level
  int gain_release = 9600;  // 0.4 s in which the gain goes back to 1
};

/// Takes each piece's sound in the order of the plan and gives continuous PCM. Over all pieces exactly
/// kSamplesPerFrame × (kept frames) samples come out.
class PieceJoiner {
 public:
  PieceJoiner(std::vector<Piece> pieces, const JoinPolicy& policy);

  /// `sound` is what the vocoder made of the next piece's frames context_begin … context_end. Returns what can be
  /// played now; valid until the next call. kInvalidArgument when the length is not that of the piece or none is left.
  [[nodiscard]] base::Result<std::span<const float>> add(std::span<const float> sound);

 private:
  [[nodiscard]] float level_against_tail(const Piece& piece, std::span<const float> sound) const;
  [[nodiscard]] std::ptrdiff_t choose_border(const Piece& piece, std::span<const float> sound) const;

  const std::vector<Piece> pieces_;
  const JoinPolicy policy_;
  std::size_t next_ = 0;
  // Positions are samples of the utterance, counted from its first frame.
  std::ptrdiff_t border_ = 0;      // up to here sound was given out
  std::ptrdiff_t tail_begin_ = 0;  // where tail_ starts, at or before border_
  std::vector<float> tail_;        // the last piece's sound around its end: a few frames
  std::vector<float> output_;      // one piece at most
};

}  // namespace hearth::engines::onnx
