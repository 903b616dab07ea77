#pragma once

// Kokoro's two graphs as calls: phoneme ids to frames (the text side), frames to sound (the vocoder). Shapes and ranges
// are checked here; text, voices and the order of pieces are kokoro.h's. Source: Kokoro-82M v1.0 (StyleTTS 2); the cut
// between the graphs is made by engines/onnx/graph/.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "engine/engine.h"
#include "engines/onnx/kokoro_voices.h"
#include "engines/onnx/session.h"

namespace hearth::engines::onnx {

inline constexpr int kKokoroSampleRate = 24'000;

/// What the text side makes of one segment: `frames` columns for the vocoder.
struct SpeechTrack {
  std::size_t frames = 0;
  Tensor features;  // f32 [1, 512, frames]
  Tensor f0;        // f32 [1, 2 × frames], Hz, near 0 where unvoiced
  Tensor energy;    // f32 [1, 2 × frames]
};

class KokoroModel {
 public:
  /// Opens both graphs of the artefact folder side by side, on two threads. Blocks; see engine::Load for its errors.
  [[nodiscard]] static base::Result<std::unique_ptr<KokoroModel>> open(std::shared_ptr<const OrtLibrary> library,
                                                                       const std::filesystem::path& artefact,
                                                                       const engine::LoadProgress& progress,
                                                                       std::stop_token stop);
  /// Opens the graph as it was published, when there is no artefact yet: run_whole() is then all it can.
  [[nodiscard]] static base::Result<std::unique_ptr<KokoroModel>> open_whole(std::shared_ptr<const OrtLibrary> library,
                                                                             const std::filesystem::path& file);
  [[nodiscard]] bool is_split() const { return vocoder_.has_value(); }

  /// `ids` without pads, 1 … 510. Any thread.
  [[nodiscard]] base::Result<SpeechTrack> run_text_side(std::span<const std::int64_t> ids, const Style& style,
                                                        double speed, std::stop_token stop) const;
  /// Sound of the frames [begin, end), (end - begin) × kSamplesPerFrame samples at 24 kHz. Any thread.
  [[nodiscard]] base::Result<std::vector<float>> run_vocoder(const SpeechTrack& track, std::size_t begin,
                                                             std::size_t end, const Style& style,
                                                             std::stop_token stop) const;
  /// Sound of a whole segment in one run. Only where !is_split(). Any thread.
  [[nodiscard]] base::Result<std::vector<float>> run_whole(std::span<const std::int64_t> ids, const Style& style,
                                                           double speed, std::stop_token stop) const;

 private:
  struct Graph {
    base::MappedFile file;  // outlives the session, which points into it
    Session session;
  };
  KokoroModel(Graph first, std::optional<Graph> vocoder) : first_(std::move(first)), vocoder_(std::move(vocoder)) {}
  static base::Result<Graph> open_graph(std::shared_ptr<const OrtLibrary> library, const std::filesystem::path& file,
                                        const base::ReadProgress& on_read);
  [[nodiscard]] base::Result<std::vector<Tensor>> run_first(std::span<const std::int64_t> ids, const Style& style,
                                                            double speed, std::span<const char* const> outputs,
                                                            std::stop_token stop) const;
  Graph first_;  // the text side, or the whole
  std::optional<Graph> vocoder_;
};

}  // namespace hearth::engines::onnx
