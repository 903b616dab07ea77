#pragma once

// Silero VAD 6.2 (16 kHz) as a VoiceDetector. The graph: `input` f32 [1, 576], the 64 samples before the window and its
// 512; `state` f32 [2, 1, 128]; `sr` i64; gives `output` f32 [1, 1] and `stateN`. Source: the model's own repository,
// utils_vad.py of the Python package silero-vad. Threads: immutable once open.

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "engine/engine.h"
#include "engines/onnx/ort_library.h"

namespace hearth::engines::onnx {

/// See engine::Load for the contract.
[[nodiscard]] base::Result<std::unique_ptr<engine::Engine>> open_silero(std::shared_ptr<const OrtLibrary> library,
                                                                        const std::filesystem::path& model,
                                                                        const engine::LoadProgress& progress);

}  // namespace hearth::engines::onnx
