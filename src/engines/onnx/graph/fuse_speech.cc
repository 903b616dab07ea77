#include "engines/onnx/graph/fuse_speech.h"

#include <map>
#include <unordered_map>
#include <utility>

#include "engines/onnx/graph/match.h"
#include "engines/onnx/graph/match_conv.h"
#include "engines/onnx/graph/match_norm.h"
#include "engines/onnx/kokoro_ops.h"

namespace hearth::engines::onnx::graph {
namespace {

/// Where a product of the style lies in the merged one.
struct StyleSlice {
  std::string tensor;
  std::int64_t offset = 0;
};
using StyleSlices = std::unordered_map<std::string, StyleSlice>;

/// The raw bytes of a constant of one byte or four an element, if that is how it is held.
const std::string* raw_bytes(const GraphEditor& editor, const std::string& tensor, std::int64_t expected) {
  const pb::TensorProto* constant = editor.find_constant(tensor);
  if (constant == nullptr || static_cast<std::int64_t>(constant->raw_data().size()) != expected) return nullptr;
  return &constant->raw_data();
}

/// Weights [depth, width] side by side, with the scale, zero point and bias of each column.
struct Columns {
  std::int64_t depth = 0, width = 0;
  std::vector<std::pair<const std::string*, std::int64_t>> weights;  // and their widths
  std::string scales, zeros, bias;
};

bool append_columns(const GraphEditor& editor, const pb::NodeProto& node, Columns& columns) {
  if (node.input_size() != 7) return false;
  const pb::TensorProto* weights = editor.find_constant(node.input(1));
  if (weights == nullptr || weights->data_type() != kInt8 || weights->dims_size() != 2) return false;
  const std::int64_t depth = weights->dims(0), width = weights->dims(1);
  if (columns.depth != 0 && columns.depth != depth) return false;
  const std::string* bytes = raw_bytes(editor, node.input(1), depth * width);
  const std::string* scales = raw_bytes(editor, node.input(3), 4 * width);
  const std::string* zeros = raw_bytes(editor, node.input(5), width);
  const std::string* bias = raw_bytes(editor, node.input(6), 4 * width);
  if (bytes == nullptr || scales == nullptr || zeros == nullptr || bias == nullptr) return false;
  columns.depth = depth;
  columns.width += width;
  columns.weights.emplace_back(bytes, width);
  columns.scales += *scales;
  columns.zeros += *zeros;
  columns.bias += *bias;
  return true;
}

std::string interleave(const Columns& columns) {
  std::string all;
  all.reserve(static_cast<std::size_t>(columns.depth * columns.width));
  for (std::int64_t row = 0; row < columns.depth; ++row) {
    for (const auto& [bytes, width] : columns.weights)
      all.append(*bytes, static_cast<std::size_t>(row * width), static_cast<std::size_t>(width));
  }
  return all;
}

/// Makes one product of all that take the same quantised style and are only widened afterwards.
StyleSlices merge_styles(GraphEditor& editor) {
  std::map<std::string, std::vector<const pb::NodeProto*>> by_input;
  for (const pb::NodeProto* node : editor.nodes()) {
    if (node->op_type() != "MatMulIntegerToFloat") continue;
    if (find_only_reader_of_type(editor, node->output(0), "Unsqueeze") != nullptr)
      by_input[node->input(0)].push_back(node);
  }
  StyleSlices slices;
  for (const auto& [input, nodes] : by_input) {
    Columns columns;
    const std::string merged = input + "/all_styles";
    StyleSlices found;
    for (const pb::NodeProto* node : nodes) {
      const std::int64_t offset = columns.width;
      if (append_columns(editor, *node, columns)) found[node->output(0)] = {merged, offset};
    }
    if (found.size() < 2) continue;
    const std::string weights =
        editor.add_constant(merged + "/weights", kInt8, {columns.depth, columns.width}, interleave(columns));
    const std::string scales = editor.add_constant(merged + "/scales", kFloat, {columns.width}, columns.scales);
    const std::string zeros = editor.add_constant(merged + "/zeros", kInt8, {columns.width}, columns.zeros);
    const std::string bias = editor.add_constant(merged + "/bias", kFloat, {columns.width}, columns.bias);
    const pb::NodeProto& first = *nodes.front();
    editor.add({"MatMulIntegerToFloat",
                first.domain(),
                {input, weights, first.input(2), scales, first.input(4), zeros, bias},
                {merged},
                {},
                {}});
    slices.merge(found);
  }
  return slices;
}

/// What AdaIn and QuantConv have in common: attributes, and the two inputs of the style.
void describe_norm(GraphEditor& editor, const NormMatch& norm, const StyleSlices& slices, NewNode& node) {
  const auto slice = slices.find(norm.style);
  node.inputs.push_back(slice == slices.end() ? norm.style : slice->second.tensor);
  if (slice != slices.end() && slice->second.offset != 0) node.ints.emplace_back("style_offset", slice->second.offset);
  node.ints.emplace_back("activation", static_cast<std::int64_t>(norm.activation));
  if (norm.activation == Activation::kLeakyRelu) node.floats.emplace_back("slope", norm.slope);
  if (norm.activation == Activation::kSnake) {
    node.inputs.push_back(editor.add_floats(node.outputs.front() + "/snake", {2, norm.channels}, norm.snake));
  }
}

/// What follows the convolution: an added tensor and a division by a constant.
struct Tail {
  std::string output;
  std::string residual;
  float divisor = 1;
};

Tail match_tail(const GraphEditor& editor, const std::string& output) {
  Tail tail{output, {}, 1};
  const pb::NodeProto* sum = find_only_reader_of_type(editor, output, "Add");
  const std::string* other = sum ? find_other_input(*sum, output) : nullptr;
  if (other == nullptr || *other == output || editor.find_constant(*other) != nullptr) return tail;
  tail.residual = *other;
  tail.output = sum->output(0);
  const pb::NodeProto* quotient = find_only_reader_of_type(editor, tail.output, "Div");
  if (quotient == nullptr || quotient->input(0) != tail.output) return tail;
  if (const auto divisor = read_scalar(editor.find_constant(quotient->input(1))); divisor) {
    tail.divisor = *divisor;
    tail.output = quotient->output(0);
  }
  return tail;
}

bool fuse_conv(GraphEditor& editor, const ConvMatch& match, const StyleSlices& slices, FuseCounts& counts) {
  const auto levels = read_integers(match.weights);
  if (!levels) return false;
  const ConvShape& shape = match.shape;
  const auto per_output = static_cast<std::size_t>(shape.channels * shape.taps);
  std::vector<std::uint8_t> weights(levels->begin(), levels->end());
  std::vector<std::int32_t> sums(static_cast<std::size_t>(shape.outputs), 0);
  for (std::size_t i = 0; i < weights.size(); ++i) sums[i / per_output] += weights[i] - match.weight_zero;

  const std::string name = match.weights->name();
  const Tail tail = match_tail(editor, match.output);
  NewNode node{kQuantConvOp, kKokoroOpsDomain, {match.input}, {tail.output}, {}, {}};
  std::string packed = pack_conv_weights(shape, weights);
  const auto packed_size = static_cast<std::int64_t>(packed.size());
  node.inputs.push_back(editor.add_constant(name + "/packed", kInt8, {packed_size}, std::move(packed)));
  node.inputs.push_back(editor.add_ints(name + "/sums", {shape.outputs}, sums));
  node.inputs.push_back(match.bias != nullptr ? match.bias->name() : "");
  node.inputs.push_back(tail.residual);
  const auto norm = find_only_reader_of_type(editor, match.input, "DynamicQuantizeLinear") != nullptr
                        ? match_norm(editor, match.input)
                        : std::nullopt;
  if (norm && norm->channels == shape.channels) {
    node.inputs[0] = norm->input;
    describe_norm(editor, *norm, slices, node);
    ++counts.norms;
  }
  while (node.inputs.back().empty()) node.inputs.pop_back();
  for (const auto& [attribute, value] : {std::pair{"channels", shape.channels},
                                         {"outputs", shape.outputs},
                                         {"taps", shape.taps},
                                         {"stride", shape.stride},
                                         {"dilation", shape.dilation},
                                         {"pad_begin", shape.pad_begin},
                                         {"pad_end", shape.pad_end},
                                         {"weight_zero", static_cast<std::int64_t>(match.weight_zero) - 128}}) {
    node.ints.emplace_back(attribute, value);
  }
  node.floats.emplace_back("weight_scale", match.weight_scale);
  node.floats.emplace_back("divisor", tail.divisor);
  editor.add(node);
  ++counts.convs;
  return true;
}

}  // namespace

FuseCounts fuse_speech(GraphEditor& editor) {
  FuseCounts counts;
  editor.import_domain(kKokoroOpsDomain, 1);
  const StyleSlices slices = merge_styles(editor);
  counts.styles = static_cast<int>(slices.size());
  const std::vector<pb::NodeProto*> nodes = editor.nodes();
  for (const pb::NodeProto* node : nodes) {
    if (const auto match = match_conv(editor, *node); match) fuse_conv(editor, *match, slices, counts);
  }
  // Normalisations that something else than a convolution reads; an activation comes later in the graph than what it
  // activates.
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    const std::string type = (*node)->op_type();
    if ((type != "LeakyRelu" && type != "Add") || editor.find_producer((*node)->output(0)) != *node) continue;
    const auto norm = match_norm(editor, (*node)->output(0));
    if (!norm) continue;
    NewNode fused{kAdaInOp, kKokoroOpsDomain, {norm->input}, {(*node)->output(0)}, {}, {}};
    describe_norm(editor, *norm, slices, fused);
    editor.add(fused);
  }
  return counts;
}

}  // namespace hearth::engines::onnx::graph
