#pragma once

// Whisper as a Transcriber: sound is cut where it is silent (pieces.h), each piece goes through whisper.cpp (decode.h)
// in a state from a pool (state_pool.h) and tells the next one what it has to know (heard_so_far.h), and its segments
// are streamed with times of the whole. Not here: opening a file (context.h), making one from CTranslate2's
// (convert.h), resampling (audio/). Threads: the weights are immutable once open; transcribe() may run on several
// threads, as many at once as the pool has states. Start reading at whisper_model.cc, WhisperModel::transcribe.

#include <filesystem>
#include <memory>
#include <stop_token>

#include "base/result.h"
#include "engine/engine.h"

namespace hearth::engines::whisper {

/// What the model is given as the text before a piece.
enum class TextBefore {
  kPrompt,          // the request's prompt before the first piece with a segment, nothing before those after it
  kPromptAndHeard,  // and before those the end of what was heard, as OpenAI's own implementation and faster-whisper do
};

struct WhisperSettings {
  int threads = 1;     // of one call
  int most_calls = 1;  // at once; further ones wait: each costs memory, and the cores are the same
  TextBefore text_before = TextBefore::kPrompt;
};

/// Opens a model in ggml's format: f16, f32 or quantised, of any size. See engine::Load for the contract; kCorrupt,
/// kUnsupported and kNotFound say what is wrong with the file.
[[nodiscard]] base::Result<std::unique_ptr<engine::Engine>> open_whisper(const std::filesystem::path& model,
                                                                         const WhisperSettings& settings,
                                                                         const engine::LoadProgress& progress,
                                                                         std::stop_token stop);

}  // namespace hearth::engines::whisper
