#pragma once

// How fast a listener is being served: what one stream has made, when, and so how much of it is not yet played. It
// tells the planner how long the next piece may be. PURE: times are given to it. One instance a request, one thread.

#include <algorithm>

#include "base/units.h"
#include "engines/onnx/kokoro_pieces.h"

namespace hearth::engines::onnx {

class PiecePace {
 public:
  /// `realtime` is the last request's measure, or the policy's guess: time to make a frame over the frame's length.
  explicit PiecePace(double realtime) : realtime_(realtime) {}

  /// A piece was begun and its sound given to the listener at these times; `samples` of it are heard.
  void on_piece(const Piece& piece, std::ptrdiff_t samples, base::Instant begun, base::Instant given) {
    const double took = base::to_seconds(given - begun) * kFramesPerSecond;
    // Slower counts at once and faster by half: a gap is heard, a piece too short is not.
    const double now = took / std::max(piece.given(), 1);
    realtime_ = now > realtime_ ? now : (realtime_ + now) / 2;
    on_samples(samples, given);
  }

  /// Sound that cost nothing: the silence between utterances.
  void on_samples(std::ptrdiff_t samples, base::Instant given) {
    if (!started_ || buffered(given) <= 0) {
      start_ = given;  // the first sound, or the first after a gap
      made_ = 0;
      started_ = true;
    }
    made_ += static_cast<double>(samples) / kSamplesPerFrame;
  }

  /// Frames that a listener who plays at once has still to hear.
  [[nodiscard]] double buffered(base::Instant now) const {
    return started_ ? std::max(made_ - base::to_seconds(now - start_) * kFramesPerSecond, 0.0) : 0.0;
  }

  [[nodiscard]] double realtime() const { return realtime_; }

 private:
  static constexpr double kFramesPerSecond = 40;
  double realtime_;
  bool started_ = false;
  base::Instant start_{};
  double made_ = 0;  // frames since start_
};

}  // namespace hearth::engines::onnx
