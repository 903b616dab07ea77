#include "engines/onnx/graph/match_conv.h"

#include "engines/onnx/graph/match.h"

namespace hearth::engines::onnx::graph {
namespace {

/// The convolution's own numbers, where it is one-dimensional and not grouped.
bool read_shape(const pb::NodeProto& node, const pb::TensorProto& weights, ConvShape& shape) {
  if (weights.dims_size() != 3 || read_int(node, "group").value_or(1) != 1) return false;
  const auto one = [&](const char* attribute, std::int64_t otherwise) {
    const auto values = read_int_list(node, attribute);
    return values.empty() ? otherwise : values.front();
  };
  const auto pads = read_int_list(node, "pads");
  shape = {weights.dims(1),
           weights.dims(0),
           weights.dims(2),
           one("strides", 1),
           one("dilations", 1),
           pads.size() == 2 ? pads[0] : 0,
           pads.size() == 2 ? pads[1] : 0};
  return true;
}

/// `tensor` = Mul(scale of the activations, a constant): the constant.
std::optional<float> match_weight_scale(const GraphEditor& editor, const std::string& tensor,
                                        const std::string& x_scale) {
  const pb::NodeProto* product = find_producer_of_type(editor, tensor, "Mul");
  if (product == nullptr) return std::nullopt;
  const auto parts = split_constant(editor, *product);
  return parts && parts->other == x_scale ? read_scalar(parts->constant) : std::nullopt;
}

/// `tensor` = Reshape(Cast(Floor(Div(bias, scale)))): the bias.
const pb::TensorProto* match_bias(const GraphEditor& editor, const std::string& tensor, const std::string& scale) {
  const pb::NodeProto* reshaped = find_producer_of_type(editor, tensor, "Reshape");
  const pb::NodeProto* cast = reshaped ? find_producer_of_type(editor, reshaped->input(0), "Cast") : nullptr;
  const pb::NodeProto* floor = cast ? find_producer_of_type(editor, cast->input(0), "Floor") : nullptr;
  const pb::NodeProto* quotient = floor ? find_producer_of_type(editor, floor->input(0), "Div") : nullptr;
  if (quotient == nullptr || quotient->input(1) != scale) return nullptr;
  return editor.find_constant(quotient->input(0));
}

}  // namespace

std::optional<ConvMatch> match_conv(const GraphEditor& editor, const pb::NodeProto& node) {
  if (node.op_type() != "ConvInteger" || node.input_size() < 3) return std::nullopt;
  const pb::NodeProto* quantise = find_producer_of_type(editor, node.input(0), "DynamicQuantizeLinear");
  if (quantise == nullptr || node.input(0) != quantise->output(0) || node.input(2) != quantise->output(2))
    return std::nullopt;
  ConvMatch match;
  match.input = quantise->input(0);
  match.weights = editor.find_constant(node.input(1));
  if (match.weights == nullptr || match.weights->data_type() != kUint8) return std::nullopt;
  if (!read_shape(node, *match.weights, match.shape)) return std::nullopt;
  if (node.input_size() > 3 && !node.input(3).empty()) {
    const auto zero = read_integers(editor.find_constant(node.input(3)));
    if (!zero || zero->size() != 1) return std::nullopt;
    match.weight_zero = static_cast<std::int32_t>(zero->front());
  }

  std::string integers = node.output(0), bias_tensor;
  if (const pb::NodeProto* sum = find_only_reader_of_type(editor, integers, "Add"); sum != nullptr) {
    const std::string* other = find_other_input(*sum, integers);
    if (other == nullptr) return std::nullopt;
    bias_tensor = *other;
    integers = sum->output(0);
  }
  const pb::NodeProto* cast = find_only_reader_of_type(editor, integers, "Cast");
  const pb::NodeProto* scaled = cast ? find_only_reader_of_type(editor, cast->output(0), "Mul") : nullptr;
  const std::string* scale = scaled ? find_other_input(*scaled, cast->output(0)) : nullptr;
  const auto weight_scale = scale ? match_weight_scale(editor, *scale, quantise->output(1)) : std::nullopt;
  if (!weight_scale) return std::nullopt;
  match.weight_scale = *weight_scale;
  if (!bias_tensor.empty()) {
    match.bias = match_bias(editor, bias_tensor, *scale);
    if (match.bias == nullptr) return std::nullopt;
  }
  match.output = scaled->output(0);
  return match;
}

}  // namespace hearth::engines::onnx::graph
