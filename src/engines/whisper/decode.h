#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/transcriber.h"
#include "engines/whisper/ggml_file.h"
#include "engines/whisper/state_pool.h"

namespace hearth::engines::whisper {

/// What the model is given before a piece is half of the text that it can look at, less a mark that says what it is.
inline constexpr std::size_t kMostPromptTokens = kTextContext / 2 - 1;

/// How one piece of sound is transcribed.
struct DecodeOptions {
  int threads = 1;
  int window = 0;  // encoder_window.h
  /// whisper.cpp's number of a language. With kDetect it is a guess, which changes the time and nothing else: right, it
  /// costs two steps of the decoder; wrong, another run of the encoder.
  int language = 0;
  std::vector<int> candidates;  // with kDetect: those that it may be, the guess among them; none: any
  enum class Language { kGiven, kDetect };
  Language choice = Language::kGiven;
  engine::TranscriptionRequest::Task task = engine::TranscriptionRequest::Task::kTranscribe;
  engine::TranscriptionRequest::Words words = engine::TranscriptionRequest::Words::kNo;
  engine::TranscriptionRequest::Logprobs logprobs = engine::TranscriptionRequest::Logprobs::kNo;
  double temperature = 0;
  std::vector<std::int32_t> prompt;  // at most kMostPromptTokens
  std::optional<int> most_tokens;    // for a warm-up; none: as the model likes
};

/// What a piece was found to be.
struct PieceSpeech {
  int language = 0;         // as it was given; with kDetect as the model hears it, whoever speaks or does not
  bool is_certain = false;  // it gave a segment, and the model does not doubt that somebody speaks
};

/// Transcribes one piece: mono f32 at 16 kHz, at least a sample, clean (no NaN). Segments come as soon as they are
/// final, with times from the piece's begin; a sink that answers kStop ends it with kCancelled, `stop` too. A state
/// that must not be used again is taken out of the loan. Blocks; any thread with a loan of its own.
[[nodiscard]] base::Result<PieceSpeech> decode_piece(whisper_context& context, StatePool::Loan& loan,
                                                     std::span<const float> samples, const DecodeOptions& options,
                                                     const engine::SegmentSink& sink, const std::stop_token& stop);

/// The last tokens of a prompt, as many as the model looks at. Of a long text only the end is read.
[[nodiscard]] std::vector<std::int32_t> prompt_tokens(whisper_context& context, const std::string& prompt);

}  // namespace hearth::engines::whisper
