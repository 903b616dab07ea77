#pragma once

// Rewrites quantised products with constant weights to QuantMatMul (kokoro_ops_matmul.h): DynamicQuantizeMatMul as it
// is, and MatMulIntegerToFloat together with the DynamicQuantizeLinear before it. What does not look as expected stays.

#include "engines/onnx/graph/graph_editor.h"

namespace hearth::engines::onnx::graph {

/// How many it rewrote; call tidy() afterwards. Nodes that share weights (ALBERT's layers) share the packed ones too.
int fuse_dense(GraphEditor& editor);

}  // namespace hearth::engines::onnx::graph
