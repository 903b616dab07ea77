#include "engines/onnx/graph/fuse_lstm.h"

#include <algorithm>
#include <utility>

#include "engines/onnx/graph/match.h"
#include "engines/onnx/kokoro_ops.h"
#include "engines/onnx/kokoro_ops_matmul.h"

namespace hearth::engines::onnx::graph {
namespace {

// ONNX Runtime's order of inputs.
enum Input : int {
  kX,
  kW,
  kR,
  kBias,
  kLengths,
  kHidden0,
  kCell0,
  kPeepholes,
  kWScale,
  kWZero,
  kRScale,
  kRZero,
  kInputCount
};

bool is_zero(const GraphEditor& editor, const std::string& tensor) {
  if (tensor.empty()) return true;
  if (const auto values = read_floats(editor.find_constant(tensor)); values) {
    return std::ranges::all_of(*values, [](float value) { return value == 0; });
  }
  const pb::NodeProto* filled = find_producer_of_type(editor, tensor, "ConstantOfShape");
  if (filled == nullptr) return false;
  for (const pb::AttributeProto& attribute : filled->attribute()) {
    if (attribute.name() == "value" && read_scalar(&attribute.t()) != 0.0F) return false;
  }
  return true;
}

/// Weights [2, depth, width] of int8 as bytes moved by 128, with a scale and a zero point for each direction.
struct Directions {
  std::int64_t depth = 0, width = 0;
  std::vector<std::uint8_t> bytes;
  std::vector<float> scales;
  std::vector<std::int64_t> zeros;
  [[nodiscard]] std::uint8_t at(std::int64_t side, std::int64_t k, std::int64_t n) const {
    return bytes[static_cast<std::size_t>((side * depth + k) * width + n)];
  }
  [[nodiscard]] std::int32_t zero(std::int64_t side) const {
    return static_cast<std::int32_t>(zeros[static_cast<std::size_t>(side)]) + 128;
  }
};

std::optional<Directions> read_directions(const GraphEditor& editor, const pb::NodeProto& node, int weights, int scale,
                                          int zero) {
  const pb::TensorProto* tensor = editor.find_constant(node.input(weights));
  if (tensor == nullptr || tensor->data_type() != kInt8 || tensor->dims_size() != 3 || tensor->dims(0) != 2)
    return std::nullopt;
  const auto levels = read_integers(tensor);
  const auto scales = read_floats(editor.find_constant(node.input(scale)));
  const auto zeros = read_integers(editor.find_constant(node.input(zero)));
  if (!levels || !scales || !zeros || scales->size() != 2 || zeros->size() != 2) return std::nullopt;
  Directions found{tensor->dims(1), tensor->dims(2), {}, *scales, *zeros};
  for (const std::int64_t level : *levels) found.bytes.push_back(static_cast<std::uint8_t>(level + 128));
  return found;
}

/// The four constants that QuantMatMul and QuantLstm read, of both directions' columns one after the other.
void add_constants(GraphEditor& editor, const Directions& directions, std::string panels, const std::string& name,
                   NewNode& node) {
  std::vector<float> scales;
  std::vector<std::int32_t> zeros, sums;
  for (std::int64_t side = 0; side < 2; ++side) {
    for (std::int64_t n = 0; n < directions.width; ++n) {
      std::int32_t sum = 0;
      for (std::int64_t k = 0; k < directions.depth; ++k) sum += directions.at(side, k, n) - directions.zero(side);
      scales.push_back(directions.scales[static_cast<std::size_t>(side)]);
      zeros.push_back(directions.zero(side));
      sums.push_back(sum);
    }
  }
  const std::int64_t columns = 2 * directions.width;
  const auto size = static_cast<std::int64_t>(panels.size());
  node.inputs.push_back(editor.add_constant(name + "/panels", kUint8, {size}, std::move(panels)));
  node.inputs.push_back(editor.add_floats(name + "/scales", {columns}, scales));
  node.inputs.push_back(editor.add_ints(name + "/zeros", {columns}, zeros));
  node.inputs.push_back(editor.add_ints(name + "/sums", {columns}, sums));
}

/// Both directions as one matrix [depth, 2 × width].
std::string pack_side_by_side(const Directions& directions) {
  std::vector<std::uint8_t> joined;
  joined.reserve(directions.bytes.size());
  for (std::int64_t k = 0; k < directions.depth; ++k) {
    for (std::int64_t side = 0; side < 2; ++side) {
      for (std::int64_t n = 0; n < directions.width; ++n) joined.push_back(directions.at(side, k, n));
    }
  }
  return pack_matmul_weights(directions.depth, 2 * directions.width, joined);
}

std::string pack_apart(const Directions& directions) {
  const std::span<const std::uint8_t> bytes(directions.bytes);
  const std::size_t half = bytes.size() / 2;
  return pack_matmul_weights(directions.depth, directions.width, bytes.first(half)) +
         pack_matmul_weights(directions.depth, directions.width, bytes.subspan(half));
}

bool is_plain(const GraphEditor& editor, const pb::NodeProto& node) {
  if (node.op_type() != "DynamicQuantizeLSTM" || node.input_size() != kInputCount) return false;
  for (const pb::AttributeProto& attribute : node.attribute()) {
    const std::string& name = attribute.name();
    const bool usual = (name == "direction" && attribute.s() == "bidirectional") || name == "hidden_size" ||
                       (name == "input_forget" && attribute.i() == 0);
    if (!usual) return false;
  }
  for (int i = 1; i < node.output_size(); ++i) {
    if (!editor.find_readers(node.output(i)).empty() || editor.is_output(node.output(i))) return false;
  }
  return node.input(kLengths).empty() && node.input(kPeepholes).empty() && is_zero(editor, node.input(kHidden0)) &&
         is_zero(editor, node.input(kCell0));
}

}  // namespace

int fuse_lstm(GraphEditor& editor) {
  int count = 0;
  const std::vector<pb::NodeProto*> nodes = editor.nodes();
  for (const pb::NodeProto* node : nodes) {
    if (!is_plain(editor, *node)) continue;
    const auto from_input = read_directions(editor, *node, kW, kWScale, kWZero);
    const auto recurrent = read_directions(editor, *node, kR, kRScale, kRZero);
    const auto biases = read_floats(editor.find_constant(node->input(kBias)));
    if (!from_input || !recurrent || !biases) continue;
    const std::int64_t hidden = recurrent->depth, width = 4 * hidden;
    if (from_input->width != width || recurrent->width != width ||
        static_cast<std::int64_t>(biases->size()) != 4 * width)
      continue;
    std::vector<float> bias;
    for (std::size_t i = 0; i < biases->size(); ++i) {
      const auto columns = static_cast<std::size_t>(width);
      if (i / columns % 2 == 0) bias.push_back((*biases)[i] + (*biases)[i + columns]);
    }

    editor.import_domain(kKokoroOpsDomain, 1);
    const std::string gates = node->output(0) + "/gates";
    NewNode product{kQuantMatMulOp,
                    kKokoroOpsDomain,
                    {node->input(kX)},
                    {gates},
                    {{"depth", from_input->depth}, {"columns", 2 * width}},
                    {}};
    add_constants(editor, *from_input, pack_side_by_side(*from_input), node->input(kW), product);
    NewNode recurrence{kQuantLstmOp, kKokoroOpsDomain, {gates}, {node->output(0)}, {{"hidden", hidden}}, {}};
    add_constants(editor, *recurrent, pack_apart(*recurrent), node->input(kR), recurrence);
    recurrence.inputs.push_back(editor.add_floats(node->input(kBias) + "/both", {2 * width}, bias));
    editor.add(product);
    editor.add(recurrence);
    ++count;
  }
  return count;
}

}  // namespace hearth::engines::onnx::graph
