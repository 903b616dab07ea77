#include "engines/onnx/graph/fold_shapes.h"

#include <cmath>
#include <cstring>

#include "engines/onnx/graph/match.h"

namespace hearth::engines::onnx::graph {
namespace {

std::optional<std::vector<std::int64_t>> constant_integers(const GraphEditor& editor, const pb::NodeProto& node,
                                                           int input) {
  if (input >= node.input_size()) return std::nullopt;
  return read_integers(editor.find_constant(node.input(input)));
}

/// `tensor` = the last element of a permuted shape that a Reshape with a constant shape made: that element.
std::optional<std::int64_t> match_known_dim(const GraphEditor& editor, const std::string& tensor) {
  const pb::NodeProto* slice = find_producer_of_type(editor, tensor, "Slice");
  const pb::NodeProto* gather = slice ? find_producer_of_type(editor, slice->input(0), "Gather") : nullptr;
  const pb::NodeProto* shape = gather ? find_producer_of_type(editor, gather->input(0), "Shape") : nullptr;
  const pb::NodeProto* reshape = shape ? find_producer_of_type(editor, shape->input(0), "Reshape") : nullptr;
  if (reshape == nullptr || read_int(*shape, "start").value_or(0) != 0 || slice->input_size() != 3) return std::nullopt;
  const auto begin = constant_integers(editor, *slice, 1), end = constant_integers(editor, *slice, 2);
  const auto order = constant_integers(editor, *gather, 1), dims = constant_integers(editor, *reshape, 1);
  if (!begin || !end || !order || !dims || order->empty() || *begin != std::vector<std::int64_t>{-1})
    return std::nullopt;
  if (end->size() != 1 || end->front() < static_cast<std::int64_t>(order->size())) return std::nullopt;
  const std::int64_t axis = order->back();
  if (axis < 0 || axis >= static_cast<std::int64_t>(dims->size())) return std::nullopt;
  const std::int64_t dim = (*dims)[static_cast<std::size_t>(axis)];
  return dim > 0 ? std::optional(dim) : std::nullopt;
}

/// `node` = Sqrt(1 / Sqrt(Cast(a known dimension))): its value.
std::optional<float> match_head_scale(const GraphEditor& editor, const pb::NodeProto& node) {
  if (node.op_type() != "Sqrt") return std::nullopt;
  const pb::NodeProto* quotient = find_producer_of_type(editor, node.input(0), "Div");
  if (quotient == nullptr || read_scalar(editor.find_constant(quotient->input(0))) != 1.0F) return std::nullopt;
  const pb::NodeProto* root = find_producer_of_type(editor, quotient->input(1), "Sqrt");
  const pb::NodeProto* cast = root ? find_producer_of_type(editor, root->input(0), "Cast") : nullptr;
  if (cast == nullptr || read_int(*cast, "to") != kFloat) return std::nullopt;
  const auto dim = match_known_dim(editor, cast->input(0));
  if (!dim) return std::nullopt;
  return std::sqrt(1.0F / std::sqrt(static_cast<float>(*dim)));
}

/// `tensor` = Unsqueeze(Gather(Shape(a), index)): a.
std::optional<std::string> match_dim_of(const GraphEditor& editor, const std::string& tensor, std::int64_t index) {
  const pb::NodeProto* widened = find_producer_of_type(editor, tensor, "Unsqueeze");
  const pb::NodeProto* gather = widened ? find_producer_of_type(editor, widened->input(0), "Gather") : nullptr;
  const pb::NodeProto* shape = gather ? find_producer_of_type(editor, gather->input(0), "Shape") : nullptr;
  if (shape == nullptr || read_int(*shape, "start").value_or(0) != 0) return std::nullopt;
  const auto chosen = constant_integers(editor, *gather, 1);
  if (!chosen || *chosen != std::vector<std::int64_t>{index}) return std::nullopt;
  return shape->input(0);
}

/// `node` = Reshape(x, [dim 0 of a, dim 1 of a, n]): n.
std::optional<std::int64_t> match_reshape_like(const GraphEditor& editor, const pb::NodeProto& node) {
  if (node.op_type() != "Reshape") return std::nullopt;
  const pb::NodeProto* concat = find_producer_of_type(editor, node.input(1), "Concat");
  if (concat == nullptr || concat->input_size() != 3) return std::nullopt;
  const auto like = match_dim_of(editor, concat->input(0), 0);
  const auto last = constant_integers(editor, *concat, 2);
  if (!like || match_dim_of(editor, concat->input(1), 1) != like || !last || last->size() != 1 || last->front() < 1) {
    return std::nullopt;
  }
  return last->front();
}

std::string bytes_of(const std::vector<std::int64_t>& values) {
  std::string bytes(values.size() * sizeof(std::int64_t), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

}  // namespace

bool has_batch_of_one(const pb::GraphProto& graph) {
  for (const pb::ValueInfoProto& input : graph.input()) {
    const pb::TensorShapeProto& shape = input.type().tensor_type().shape();
    if (shape.dim_size() < 1 || shape.dim(0).dim_value() != 1) return false;
  }
  return graph.input_size() > 0;
}

int fold_shapes(GraphEditor& editor, bool batch_of_one) {
  int count = 0;
  const std::vector<pb::NodeProto*> nodes = editor.nodes();
  for (pb::NodeProto* node : nodes) {
    if (const auto scale = match_head_scale(editor, *node); scale) {
      const float value = *scale;
      editor.redirect(node->output(0), editor.add_floats(node->output(0) + "/known", {1}, {&value, 1}));
      ++count;
    } else if (const auto last = batch_of_one ? match_reshape_like(editor, *node) : std::nullopt; last) {
      node->set_input(1, editor.add_constant(node->output(0) + "/shape", kInt64, {3}, bytes_of({1, -1, *last})));
      ++count;
    }
  }
  return count;
}

}  // namespace hearth::engines::onnx::graph
