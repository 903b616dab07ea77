#pragma once

// ONNX Runtime as a tool that reads a model and writes it back: optimised, or in its own format.

#include <string>
#include <string_view>

#include "base/result.h"
#include "engines/onnx/ort_library.h"

namespace hearth::engines::onnx::graph {

enum class Rewrite {
  kOptimise,   // ONNX to ONNX: constants folded, nodes fused, nothing that depends on the processor
  kOrtFormat,  // ONNX to ONNX Runtime's own format, otherwise as it is
};

/// The rewritten model. Uses a private folder under the system's temporary directory, gone on return. Blocks for up to
/// some seconds. kCorrupt with ONNX Runtime's message if it refuses the model.
[[nodiscard]] base::Result<std::string> rewrite_model(const OrtLibrary& library, std::string_view model, Rewrite how);

}  // namespace hearth::engines::onnx::graph
