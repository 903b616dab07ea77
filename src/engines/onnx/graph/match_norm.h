#pragma once

// Finds adaptive instance normalisation and the activation after it, from the tensor that it makes.

#include <optional>
#include <string>
#include <vector>

#include "engines/onnx/graph/graph_editor.h"
#include "engines/onnx/kokoro_ops_rows.h"

namespace hearth::engines::onnx::graph {

struct NormMatch {
  std::string input;
  std::string style;  // what the style's product makes: [1, 2 × channels]
  std::int64_t channels = 0;
  Activation activation = Activation::kNone;
  float slope = 0;           // of kLeakyRelu
  std::vector<float> snake;  // frequencies, then gains
};

/// `tensor` as normalisation followed by an activation, or alone. Nothing if an inner tensor is read from elsewhere.
[[nodiscard]] std::optional<NormMatch> match_norm(const GraphEditor& editor, const std::string& tensor);

}  // namespace hearth::engines::onnx::graph
