#pragma once

// Replaces arithmetic on shapes whose result is known by the result: six or seven nodes at a time that a graph would
// otherwise load and run for each of ALBERT's layers. Exact; what does not look as expected stays.
//   1 / √√d of an attention's head size d, read back from the shape that a Reshape with a constant shape has just made;
//   Reshape to [dim 0 of a, dim 1 of a, n], which is [1, -1, n] in a graph whose inputs are all of batch 1.

#include "engines/onnx/graph/graph_editor.h"

namespace hearth::engines::onnx::graph {

/// `batch_of_one`: whether every input of the graph is declared with 1 as its first dimension. How many it replaced;
/// call tidy() afterwards.
int fold_shapes(GraphEditor& editor, bool batch_of_one);

/// Whether every input's first dimension is 1.
[[nodiscard]] bool has_batch_of_one(const pb::GraphProto& graph);

}  // namespace hearth::engines::onnx::graph
