#include "engines/onnx/graph/match_norm.h"

#include "engines/onnx/graph/match.h"

namespace hearth::engines::onnx::graph {
namespace {

constexpr float kEpsilon = 1e-5F;  // what the operator has built in

bool reduces_last_axis(const GraphEditor& editor, const pb::NodeProto& mean) {
  if (mean.input_size() != 2 || read_int(mean, "keepdims").value_or(1) != 1) return false;
  const auto axes = read_integers(editor.find_constant(mean.input(1)));
  return axes && axes->size() == 1 && (axes->front() == 2 || axes->front() == -1);
}

/// `tensor` = (x - mean(x)) / sqrt(mean((x - mean(x))²) + 1e-5): x.
std::optional<std::string> match_instance_norm(const GraphEditor& editor, const std::string& tensor) {
  const pb::NodeProto* quotient = find_producer_of_type(editor, tensor, "Div");
  if (quotient == nullptr) return std::nullopt;
  const std::string& centred = quotient->input(0);
  const pb::NodeProto* root = find_producer_of_type(editor, quotient->input(1), "Sqrt");
  if (root == nullptr) return std::nullopt;
  const auto variance = match_with_scalar(editor, root->input(0), "Add", kEpsilon);
  if (!variance) return std::nullopt;
  const pb::NodeProto* mean_of_squares = find_producer_of_type(editor, *variance, "ReduceMean");
  if (mean_of_squares == nullptr || !reduces_last_axis(editor, *mean_of_squares)) return std::nullopt;
  const pb::NodeProto* squares = find_producer_of_type(editor, mean_of_squares->input(0), "Mul");
  if (squares == nullptr || squares->input(0) != centred || squares->input(1) != centred) return std::nullopt;
  const pb::NodeProto* difference = find_producer_of_type(editor, centred, "Sub");
  if (difference == nullptr) return std::nullopt;
  const pb::NodeProto* mean = find_producer_of_type(editor, difference->input(1), "ReduceMean");
  if (mean == nullptr || !reduces_last_axis(editor, *mean) || mean->input(0) != difference->input(0))
    return std::nullopt;
  return difference->input(0);
}

/// `tensor` = (scale + 1) × normalised + shift, scale and shift being the halves of one product of the style.
std::optional<NormMatch> match_affine(const GraphEditor& editor, const std::string& tensor) {
  const pb::NodeProto* sum = find_producer_of_type(editor, tensor, "Add");
  if (sum == nullptr || sum->input_size() != 2) return std::nullopt;
  for (int i = 0; i < 2; ++i) {
    const pb::NodeProto* halves = find_producer_of_type(editor, sum->input(1 - i), "Split");
    const pb::NodeProto* product = find_producer_of_type(editor, sum->input(i), "Mul");
    if (halves == nullptr || product == nullptr || halves->output_size() != 2) continue;
    if (halves->output(1) != sum->input(1 - i) || product->input_size() != 2) continue;
    for (int j = 0; j < 2; ++j) {
      const auto scale = match_with_scalar(editor, product->input(j), "Add", 1.0F);
      const auto input = match_instance_norm(editor, product->input(1 - j));
      if (!scale || !input || *scale != halves->output(0)) continue;
      const auto sizes =
          halves->input_size() == 2 ? read_integers(editor.find_constant(halves->input(1))) : std::nullopt;
      const pb::NodeProto* widened = find_producer_of_type(editor, halves->input(0), "Unsqueeze");
      if (!sizes || sizes->size() != 2 || (*sizes)[0] != (*sizes)[1] || widened == nullptr) continue;
      NormMatch match;
      match.input = *input;
      match.style = widened->input(0);
      match.channels = (*sizes)[0];
      return match;
    }
  }
  return std::nullopt;
}

/// `tensor` = y + gain × sin(frequency × y)²: y, with both constants, of one number a channel.
struct SnakeMatch {
  std::string input;
  std::vector<float> parameters;
};
std::optional<SnakeMatch> match_snake(const GraphEditor& editor, const std::string& tensor) {
  const pb::NodeProto* sum = find_producer_of_type(editor, tensor, "Add");
  if (sum == nullptr || sum->input_size() != 2) return std::nullopt;
  for (int i = 0; i < 2; ++i) {
    const pb::NodeProto* scaled = find_producer_of_type(editor, sum->input(i), "Mul");
    if (scaled == nullptr) continue;
    const auto gain = split_constant(editor, *scaled);
    if (!gain) continue;
    const auto sine = match_with_scalar(editor, gain->other, "Pow", 2.0F);
    const pb::NodeProto* sine_node = sine ? find_producer_of_type(editor, *sine, "Sin") : nullptr;
    const pb::NodeProto* angle = sine_node ? find_producer_of_type(editor, sine_node->input(0), "Mul") : nullptr;
    const auto frequency = angle ? split_constant(editor, *angle) : std::nullopt;
    if (!frequency || frequency->other != sum->input(1 - i)) continue;
    const auto gains = read_floats(gain->constant), frequencies = read_floats(frequency->constant);
    if (!gains || !frequencies || gains->size() != frequencies->size()) continue;
    SnakeMatch match{frequency->other, *frequencies};
    match.parameters.insert(match.parameters.end(), gains->begin(), gains->end());
    return match;
  }
  return std::nullopt;
}

/// Whether nothing but `first` and `second` reads the tensor.
bool is_private(const GraphEditor& editor, const std::string& tensor, std::size_t readers) {
  return !editor.is_output(tensor) && editor.find_readers(tensor).size() <= readers;
}

}  // namespace

std::optional<NormMatch> match_norm(const GraphEditor& editor, const std::string& tensor) {
  if (const pb::NodeProto* leaky = find_producer_of_type(editor, tensor, "LeakyRelu"); leaky != nullptr) {
    auto match = match_affine(editor, leaky->input(0));
    if (!match || !is_private(editor, leaky->input(0), 1)) return std::nullopt;
    match->activation = Activation::kLeakyRelu;
    match->slope = read_float(*leaky, "alpha", 0.01F);
    return match;
  }
  if (auto snake = match_snake(editor, tensor); snake) {
    auto match = match_affine(editor, snake->input);
    if (!match || !is_private(editor, snake->input, 2)) return std::nullopt;
    if (static_cast<std::int64_t>(snake->parameters.size()) != 2 * match->channels) return std::nullopt;
    match->activation = Activation::kSnake;
    match->snake = std::move(snake->parameters);
    return match;
  }
  return match_affine(editor, tensor);
}

}  // namespace hearth::engines::onnx::graph
