#pragma once

// In which pieces Kokoro's vocoder makes one utterance, so that the first sound comes early and none of the later
// pieces comes late. PURE: from the energy that the text side predicts for each frame to ranges of frames.
//
// What was measured, and shaped the policy (bench/intelligibility/README.md):
//  - The predicted energy tells how loud the sound will be before it is made: the softest 6 ms within 25 ms of a border
//    have 4.45 × energy - 54 dB (least energy of the six values around it; correlation 0.96 over 30,000 borders in
//    three voices). Pitch adds nothing to that: stops and fricatives keep a predicted pitch. So cuts go where energy is
//    low.
//  - A piece costs what its frames cost, those of its context included; there is nothing more to pay for a run.
//  - Two frames of context are all that the convolutions need. What differs between a piece and the whole is level and
//    timbre, because the vocoder normalises by mean and variance over the frames it is given: pieces under 40 frames
//    differ most, those over 200 hardly. So few pieces are short.
//  - Kokoro makes 0.2-0.5 s of silence before speech and up to 0.7 s after it. Nobody wants to wait for it, and it
//    need not be made: it is left out of the pieces and told as a number of frames instead.

#include <cstddef>
#include <span>
#include <vector>

namespace hearth::engines::onnx {

/// One frame of the vocoder: 25 ms at 24 kHz.
inline constexpr int kSamplesPerFrame = 600;
/// Energy comes twice a frame.
inline constexpr int kEnergiesPerFrame = 2;

/// Half-open ranges of frames of the utterance.
struct Piece {
  int begin = 0;  // kept: begin … end
  int end = 0;
  int context_begin = 0;  // given to the vocoder: context_begin … context_end, which holds begin … end
  int context_end = 0;
  [[nodiscard]] int kept() const { return end - begin; }
  [[nodiscard]] int given() const { return context_end - context_begin; }
  friend bool operator==(const Piece&, const Piece&) = default;
};

/// How to cut for a listener who waits: the first piece is short. Lengths are in frames of 25 ms.
/// bench/intelligibility/README.md has the measurements.
struct PiecePolicy {
  // The first piece decides the time to first audio: it is the shortest that ends well.
  int first_min = 18;     // 0.45 s: lasts until the second piece is made; a shorter one also sounds less like the whole
  int first_max = 36;     // 0.9 s: holds a place softer than -45 dB in three sentences of four
  int whole_below = 48;   // 1.2 s: an utterance up to this is one piece; cutting it would gain under 0.1 s
  int later_min = 24;     // 0.6 s: no piece but the first is shorter, nor is what is left for the last
  int later_max = 200;    // 5 s: bounds memory (about 0.7 MB a frame) and the time until a cancel is heard
  int context = 4;        // on either side; twice what the convolutions need, the rest steadies the normalisation
  int first_silence = 4;  // silent frames before the first piece's context: speech without any comes out 2 dB too soft
  int search = 40;        // 1 s: how far before the longest allowed end a later piece may end for a softer cut
  double realtime = 0.3;  // time to make a frame over the frame's length, until it was measured (PiecePace)
  int reserve = 4;        // 0.1 s of sound that should still be unplayed when the next piece arrives

  // What is silent, and how much of it is kept around speech.
  float silence_energy = -3.0F;  // crossed 0-1.5 frames before speech is heard, in every voice
  int keep_before = 1;           // 25 ms before the crossing, so speech is heard within 65 ms
  int keep_after = 3;            // 75 ms after it: a decay is longer than an onset
};

struct PiecePlan {
  std::vector<Piece> pieces;  // in order, each beginning where the one before ends; empty when nothing is spoken
  int silence_before = 0;     // frames left out before the first piece: the model's own pause, to be played as zeros
  int silence_after = 0;      // or not, as the caller likes; with the pieces they sum up to the utterance
};

/// Cuts one utterance of energy.size() / kEnergiesPerFrame frames; `energy` runs from about -9.5 in silence to 9 in a
/// loud vowel, alike in all voices. Every frame between the silences is kept by exactly one piece; contexts lie inside
/// the utterance. A piece ends at the softest place within its reach. Never fails: odd energies (or a policy whose
/// limits contradict each other) only make worse cuts.
/// `buffered` is what the listener already has of the utterances before this one, in frames not yet played: the more,
/// the longer the first piece may be.
[[nodiscard]] PiecePlan plan_pieces(std::span<const float> energy, const PiecePolicy& policy, double buffered = 0);

}  // namespace hearth::engines::onnx
