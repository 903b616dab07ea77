#pragma once

// Which arrays of a CTranslate2 Whisper model become which tensors of a ggml one: names, shapes, types, and where the
// bytes are. Pure. CTranslate2 fuses the query, key and value projections into one array of rows, and keeps a bias for
// the key, which is zero and which Whisper does not have. Names are OpenAI's, as whisper.cpp wants them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engines/whisper/ct2_file.h"

namespace hearth::engines::whisper {

/// The numbers at the start of a ggml file, in its order.
struct WhisperShape {
  std::int32_t vocabulary = 0;
  std::int32_t audio_context = 0;
  std::int32_t audio_state = 0;
  std::int32_t audio_heads = 0;
  std::int32_t audio_layers = 0;
  std::int32_t text_context = 0;
  std::int32_t text_state = 0;
  std::int32_t text_heads = 0;
  std::int32_t text_layers = 0;
  std::int32_t mels = 0;
  std::int32_t file_type = 1;  // ggml's: 0 f32, 1 f16, 2 and up quantised
};

enum class TensorType : std::int32_t { kF32 = 0, kF16 = 1 };  // ggml's numbers

struct PlannedTensor {
  std::string name;
  TensorType type = TensorType::kF16;
  std::vector<std::int32_t> dims;    // slowest first
  std::span<const std::byte> halfs;  // f16, to be widened where `type` says so
};

struct TensorPlan {
  WhisperShape shape;
  std::vector<PlannedTensor> tensors;
};

/// Views into `model`. kUnsupported for another kind of model, or weights that are not f16; kCorrupt when an array is
/// missing or has another shape than the rest asks for.
[[nodiscard]] base::Result<TensorPlan> plan_tensors(const Ct2File& model);

}  // namespace hearth::engines::whisper
