#include "engines/onnx/graph/fuse_dense.h"

#include <map>
#include <utility>

#include "engines/onnx/graph/match.h"
#include "engines/onnx/kokoro_ops.h"
#include "engines/onnx/kokoro_ops_matmul.h"

namespace hearth::engines::onnx::graph {
namespace {

/// The names of a product's parts, whichever of the two nodes it is.
struct Parts {
  std::string input, weights, scales, zeros, bias;
};

std::string input_or_none(const pb::NodeProto& node, int index) {
  return index < node.input_size() ? node.input(index) : "";
}

std::optional<Parts> read_parts(const GraphEditor& editor, const pb::NodeProto& node) {
  if (node.op_type() == "DynamicQuantizeMatMul") {
    return Parts{node.input(0), node.input(1), node.input(2), input_or_none(node, 3), input_or_none(node, 4)};
  }
  if (node.op_type() != "MatMulIntegerToFloat" || node.input_size() < 5) return std::nullopt;
  const pb::NodeProto* quantise = find_producer_of_type(editor, node.input(0), "DynamicQuantizeLinear");
  if (quantise == nullptr || node.input(0) != quantise->output(0) || node.input(2) != quantise->output(1) ||
      node.input(4) != quantise->output(2)) {
    return std::nullopt;
  }
  return Parts{quantise->input(0), node.input(1), node.input(3), input_or_none(node, 5), input_or_none(node, 6)};
}

/// One value a column, from as many or from a single one.
template <typename T>
bool spread(std::vector<T>& values, std::int64_t columns) {
  if (values.size() == 1) values.assign(static_cast<std::size_t>(columns), values.front());
  return static_cast<std::int64_t>(values.size()) == columns;
}

/// The constants of a product in the operator's layout.
struct Packed {
  std::int64_t depth = 0, columns = 0;
  std::string panels, scales, zeros, sums;
};

std::optional<Packed> pack(GraphEditor& editor, const Parts& parts) {
  const pb::TensorProto* weights = editor.find_constant(parts.weights);
  if (weights == nullptr || weights->dims_size() != 2) return std::nullopt;
  const bool is_signed = weights->data_type() == kInt8;
  if (!is_signed && weights->data_type() != kUint8) return std::nullopt;
  const auto levels = read_integers(weights);
  auto scales = read_floats(editor.find_constant(parts.scales));
  auto zeros = parts.zeros.empty() ? std::optional(std::vector<std::int64_t>{0})
                                   : read_integers(editor.find_constant(parts.zeros));
  Packed packed{weights->dims(0), weights->dims(1), {}, {}, {}, {}};
  if (!levels || !scales || !zeros || !spread(*scales, packed.columns) || !spread(*zeros, packed.columns))
    return std::nullopt;

  const std::int64_t moved = is_signed ? 128 : 0;
  const auto columns = static_cast<std::size_t>(packed.columns);
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> sums(columns, 0), unsigned_zeros;
  for (const std::int64_t zero : *zeros) unsigned_zeros.push_back(static_cast<std::int32_t>(zero + moved));
  for (const std::int64_t level : *levels) {
    bytes.push_back(static_cast<std::uint8_t>(level + moved));
    const std::size_t column = (bytes.size() - 1) % columns;
    sums[column] += bytes.back() - unsigned_zeros[column];
  }
  std::string panels = pack_matmul_weights(packed.depth, packed.columns, bytes);
  const auto size = static_cast<std::int64_t>(panels.size());
  packed.panels = editor.add_constant(parts.weights + "/panels", kUint8, {size}, std::move(panels));
  packed.scales = editor.add_floats(parts.weights + "/scales", {packed.columns}, *scales);
  packed.zeros = editor.add_ints(parts.weights + "/zeros", {packed.columns}, unsigned_zeros);
  packed.sums = editor.add_ints(parts.weights + "/sums", {packed.columns}, sums);
  return packed;
}

}  // namespace

int fuse_dense(GraphEditor& editor) {
  editor.import_domain(kKokoroOpsDomain, 1);
  std::map<std::string, Packed> done;  // by weights, scales and zero points
  int count = 0;
  const std::vector<pb::NodeProto*> nodes = editor.nodes();
  for (const pb::NodeProto* node : nodes) {
    const auto parts = read_parts(editor, *node);
    if (!parts || (!parts->bias.empty() && editor.find_constant(parts->bias) == nullptr)) continue;
    const std::string key = parts->weights + '\n' + parts->scales + '\n' + parts->zeros;
    if (!done.contains(key)) {
      auto packed = pack(editor, *parts);
      if (!packed) continue;
      done.emplace(key, std::move(*packed));
    }
    const Packed& packed = done.at(key);
    NewNode fused{kQuantMatMulOp,
                  kKokoroOpsDomain,
                  {parts->input, packed.panels, packed.scales, packed.zeros, packed.sums},
                  {node->output(0)},
                  {{"depth", packed.depth}, {"columns", packed.columns}},
                  {}};
    if (!parts->bias.empty()) fused.inputs.push_back(parts->bias);
    editor.add(fused);
    ++count;
  }
  return count;
}

}  // namespace hearth::engines::onnx::graph
