#pragma once

// Kokoro-82M as a SpeechSynthesizer: text to segments of phonemes, each through the text side once, then through the
// vocoder in pieces, the first of them short, so that sound comes before the sentence is done. Not here: the graphs
// (kokoro_model.h), where pieces are cut (kokoro_pieces.h), how long a pause is (kokoro_pause.h), pronunciation
// (text/). Threads: several may prepare and speak at once, and then share the compute threads; all that they change is
// one number, how fast this machine speaks. Start reading at kokoro.cc, Kokoro::speak.

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "engine/engine.h"
#include "engines/onnx/ort_library.h"

namespace hearth::engines::onnx {

struct KokoroFiles {
  std::filesystem::path model;         // the graph as published
  std::filesystem::path split_graphs;  // folder of the artefact; empty: `model` is opened whole, which is slower
  std::filesystem::path voices;        // all voices packed (kokoro_voices.h)
  std::filesystem::path lexicon;       // text/lexicon.h; empty: English is not spoken
};

/// What a request that does not say gets.
struct KokoroDefaults {
  std::string voice = "af_heart";
  std::string language;  // empty: the voice's own
};

/// See engine::Load for the contract.
[[nodiscard]] base::Result<std::unique_ptr<engine::Engine>> open_kokoro(std::shared_ptr<const OrtLibrary> library,
                                                                        const KokoroFiles& files,
                                                                        const KokoroDefaults& defaults,
                                                                        const engine::LoadProgress& progress,
                                                                        std::stop_token stop);

}  // namespace hearth::engines::onnx
