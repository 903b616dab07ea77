#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/transcriber.h"
#include "engines/whisper/decode.h"
#include "engines/whisper/whisper_model.h"

namespace hearth::engines::whisper {

/// What the pieces of one sound tell those after them: in which language it is, and which text comes before. A piece in
/// which nobody speaks tells nothing: sound often begins with a ringing, and what the model takes that for would be the
/// language of all that is said after it. Pure.
class HeardSoFar {
 public:
  /// `first`: for the first piece, with the request's prompt. `first_mark`: the least token that is no text.
  HeardSoFar(DecodeOptions first, TextBefore before, std::int32_t first_mark);

  /// How the next piece is decoded.
  [[nodiscard]] const DecodeOptions& options() const { return options_; }
  /// A segment of that piece.
  void add(const engine::TranscribedSegment& segment);
  /// That piece is done.
  void end_piece(const PieceSpeech& speech);

  /// Of the whole sound: the one that was given, or that of the first piece which is certain of it, else of the first
  /// one with a segment, else of the last one. Nothing where it is to be detected and no piece has ended.
  [[nodiscard]] std::optional<int> language() const { return language_; }

 private:
  const TextBefore before_;
  const std::int32_t first_mark_;
  DecodeOptions options_;
  std::optional<int> language_;
  std::vector<std::int32_t> text_;  // tokens for the pieces after the first one with a segment
  bool has_segment_ = false;        // one of the pieces that ended
  bool piece_has_segment_ = false;  // the one that is being decoded
};

}  // namespace hearth::engines::whisper
