#pragma once

// Cuts a piece out of a graph: the nodes between some tensors and some others, with the constants they read. Pure.

#include <string>
#include <vector>

#include "base/result.h"
#include "engines/onnx/graph/graph_editor.h"

namespace hearth::engines::onnx::graph {

/// A tensor where the piece begins or ends. `name` is what the piece calls it; a dim is "" where nothing is known of
/// it, a number, or a name.
struct Boundary {
  std::string tensor;
  std::string name;
  ElementType type = kFloat;
  std::vector<std::string> dims;
};

/// The piece of `model` that makes `outputs` from `inputs`. kUnsupported, naming the tensor, if the model lacks one of
/// them or needs another input; so a model that is not the expected one is refused and not cut wrongly.
[[nodiscard]] base::Result<pb::ModelProto> cut_graph(const pb::ModelProto& model, const std::vector<Boundary>& inputs,
                                                     const std::vector<Boundary>& outputs);

}  // namespace hearth::engines::onnx::graph
