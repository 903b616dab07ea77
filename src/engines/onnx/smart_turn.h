#pragma once

// Smart Turn v3.2 as a TurnDetector. The graph: `input_features` f32 [1, 80, 800], Whisper's log-mel (audio/log_mel.h)
// of eight seconds at 16 kHz, silence in front where the turn is shorter, brought to zero mean and unit variance first;
// gives one probability. Source: the model's card, and the reference analyser of the Python package pipecat-ai.
// Threads: immutable once open.

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "engines/onnx/ort_library.h"

namespace hearth::engines::onnx {

inline constexpr std::size_t kTurnSamples = 8 * 16'000;

/// The newest kTurnSamples of `turn`, silence in front, zero mean and unit variance over all of them. Pure.
[[nodiscard]] std::vector<float> normalise_turn(std::span<const float> turn);

/// See engine::Load for the contract.
[[nodiscard]] base::Result<std::unique_ptr<engine::Engine>> open_smart_turn(std::shared_ptr<const OrtLibrary> library,
                                                                            const std::filesystem::path& model,
                                                                            const engine::LoadProgress& progress);

}  // namespace hearth::engines::onnx
