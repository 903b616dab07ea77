#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "engines/whisper/tensor_plan.h"

namespace hearth::engines::whisper {

/// A tensor that whisper.cpp wants in a file.
struct WantedTensor {
  enum class Kind {
    kExact,        // f32, whatever the file's type
    kConvolution,  // f16, or f32 in an f32 file
    kMatrix,       // of the file's type
  };
  Kind kind = Kind::kMatrix;
  std::array<std::int64_t, 3> dims{1, 1, 1};  // fastest first
};

/// All of them, by name, for a shape that check_shape() takes. Pure. Source: whisper.cpp, whisper_model_load.
[[nodiscard]] std::map<std::string, WantedTensor, std::less<>> wanted_tensors(const WhisperShape& shape);

}  // namespace hearth::engines::whisper
