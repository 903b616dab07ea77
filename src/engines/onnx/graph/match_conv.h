#pragma once

// Finds a dynamically quantised convolution, from its ConvInteger node.

#include <optional>
#include <string>
#include <vector>

#include "engines/onnx/graph/graph_editor.h"
#include "engines/onnx/kokoro_ops_conv.h"

namespace hearth::engines::onnx::graph {

struct ConvMatch {
  std::string input;   // floats, before quantising
  std::string output;  // floats, after the bias
  ConvShape shape;
  const pb::TensorProto* weights = nullptr;  // uint8 [outputs, channels, taps]
  std::int32_t weight_zero = 0;
  float weight_scale = 1;
  const pb::TensorProto* bias = nullptr;  // null for none
};

[[nodiscard]] std::optional<ConvMatch> match_conv(const GraphEditor& editor, const pb::NodeProto& conv_integer);

}  // namespace hearth::engines::onnx::graph
