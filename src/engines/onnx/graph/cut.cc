#include "engines/onnx/graph/cut.h"

#include <charconv>
#include <unordered_map>
#include <unordered_set>

namespace hearth::engines::onnx::graph {
namespace {

void declare(const Boundary& boundary, pb::ValueInfoProto& to) {
  to.set_name(boundary.name);
  pb::TypeProto::Tensor& tensor = *to.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(boundary.type);
  pb::TensorShapeProto& shape = *tensor.mutable_shape();
  for (const std::string& dim : boundary.dims) {
    pb::TensorShapeProto::Dimension& added = *shape.add_dim();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(dim.data(), dim.data() + dim.size(), number);
    if (error == std::errc() && end == dim.data() + dim.size()) {
      added.set_dim_value(number);
    } else if (!dim.empty()) {
      added.set_dim_param(dim);
    }
  }
}

}  // namespace

base::Result<pb::ModelProto> cut_graph(const pb::ModelProto& model, const std::vector<Boundary>& inputs,
                                       const std::vector<Boundary>& outputs) {
  const pb::GraphProto& graph = model.graph();
  std::unordered_map<std::string, const pb::NodeProto*> producers;
  std::unordered_map<std::string, const pb::TensorProto*> constants;
  for (const pb::NodeProto& node : graph.node()) {
    for (const std::string& output : node.output()) producers[output] = &node;
  }
  for (const pb::TensorProto& tensor : graph.initializer()) constants[tensor.name()] = &tensor;
  std::unordered_map<std::string, std::string> renamed;
  for (const Boundary& input : inputs) renamed[input.tensor] = input.name;

  std::unordered_set<const pb::NodeProto*> needed;
  std::unordered_set<std::string> seen;
  std::vector<std::string> pending;
  for (const Boundary& output : outputs) pending.push_back(output.tensor);
  pb::ModelProto piece;
  piece.set_ir_version(model.ir_version());
  *piece.mutable_opset_import() = model.opset_import();
  pb::GraphProto& cut = *piece.mutable_graph();
  cut.set_name(graph.name());
  while (!pending.empty()) {
    const std::string tensor = std::move(pending.back());
    pending.pop_back();
    if (tensor.empty() || !seen.insert(tensor).second || renamed.contains(tensor)) continue;
    if (const auto constant = constants.find(tensor); constant != constants.end()) {
      *cut.add_initializer() = *constant->second;
    } else if (const auto producer = producers.find(tensor); producer != producers.end()) {
      if (!needed.insert(producer->second).second) continue;
      for (const std::string& input : producer->second->input()) pending.push_back(input);
    } else {
      return base::fail(base::Code::kUnsupported, "the model is not the expected one: nothing makes " + tensor);
    }
  }
  for (const Boundary& input : inputs) {
    if (!seen.contains(input.tensor)) {
      return base::fail(base::Code::kUnsupported, "the model is not the expected one: nothing reads " + input.tensor);
    }
    declare(input, *cut.add_input());
  }
  for (const Boundary& output : outputs) {
    renamed[output.tensor] = output.name;
    declare(output, *cut.add_output());
  }
  // In the order of the model, which is sorted.
  for (const pb::NodeProto& node : graph.node()) {
    if (!needed.contains(&node)) continue;
    pb::NodeProto& copy = *cut.add_node();
    copy = node;
    const auto rename = [&](std::string& tensor) {
      if (const auto found = renamed.find(tensor); found != renamed.end()) tensor = found->second;
    };
    for (std::string& input : *copy.mutable_input()) rename(input);
    for (std::string& output : *copy.mutable_output()) rename(output);
  }
  return piece;
}

}  // namespace hearth::engines::onnx::graph
