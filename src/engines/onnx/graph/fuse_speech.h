#pragma once

// Rewrites the chains that Kokoro's graphs are made of to the operators of kokoro_ops.h. A chain that does not look
// exactly as expected is left as it is, so another model, or another version of ONNX Runtime's optimiser, gives a
// slower graph and never a wrong one.
//
// What is replaced, as ONNX Runtime's optimiser leaves it:
// - style: MatMulIntegerToFloat of one quantised style by many weights, by one with the weights side by side.
// - AdaIn: ReduceMean, Sub, Mul, ReduceMean, Add, Sqrt, Div, the style's Unsqueeze, Split and Add, Mul, Add, and then
//   LeakyRelu or Snake (Mul, Sin, Pow, Mul, Add).
// - QuantConv: an AdaIn that nothing else reads, DynamicQuantizeLinear, ConvInteger, the bias (Div, Floor, Cast,
//   Reshape, Add), Cast, Mul, an added residual, a Div by a constant.

#include "engines/onnx/graph/graph_editor.h"

namespace hearth::engines::onnx::graph {

struct FuseCounts {
  int styles = 0;  // products made one
  int norms = 0;   // AdaIn, alone or inside a convolution
  int convs = 0;
};

/// Rewrites the whole graph; call tidy() afterwards.
FuseCounts fuse_speech(GraphEditor& editor);

}  // namespace hearth::engines::onnx::graph
