#include "engines/whisper/tensor_plan.h"

#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace hearth::engines::whisper {
namespace {

using base::Code;
using base::Error;
using base::fail;
using base::Result;
using Dims = std::vector<std::int64_t>;

constexpr int kMostLayers = 128;  // large has 32

/// Collects tensors until something is wrong; after that it does nothing, and error() says what.
class Planner {
 public:
  explicit Planner(const Ct2File& model) : model_(model) {}

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] std::vector<PlannedTensor> take() { return std::move(tensors_); }

  /// The dimensions of an array that must be there with this rank; zeros where it is not.
  Dims dims_of(const std::string& name, std::size_t rank) {
    const Ct2Variable* variable = model_.find(name);
    if (variable != nullptr && variable->dims.size() == rank) return variable->dims;
    refuse(name);
    return Dims(rank, 0);
  }

  /// A scalar of 16 bits; 0 where it is not there.
  std::int32_t scalar(const std::string& name) {
    const Ct2Variable* variable = model_.find(name);
    if (variable == nullptr || !variable->dims.empty() || variable->type != Ct2Type::kI16) return refuse(name), 0;
    std::int16_t value = 0;
    std::memcpy(&value, variable->bytes.data(), sizeof value);
    return value;
  }

  /// The whole of `source`, which must be of `dims`.
  void add(std::string name, TensorType type, const std::string& source, const Dims& dims) {
    add_part(std::move(name), type, source, dims, 0, 1);
  }

  /// Part `index` of `parts` equal ones along the first dimension; `dims` is the part's shape.
  void add_part(std::string name, TensorType type, const std::string& source, Dims dims, std::size_t index, int parts) {
    if (error_) return;
    const Ct2Variable* variable = model_.find(source);
    Dims whole = dims;
    whole.front() *= parts;
    if (variable == nullptr || variable->dims != whole) return refuse(source);
    if (variable->type != Ct2Type::kF16) {
      error_ = Error{Code::kUnsupported, "the CTranslate2 model's " + source + " is not in f16",
                     "use a model that was converted with --quantization float16"};
      return;
    }
    const std::size_t size = variable->bytes.size() / static_cast<std::size_t>(parts);
    PlannedTensor tensor{std::move(name), type, {}, variable->bytes.subspan(index * size, size)};
    for (const std::int64_t dim : dims) tensor.dims.push_back(static_cast<std::int32_t>(dim));
    tensors_.push_back(std::move(tensor));
  }

  void norm(const std::string& name, const std::string& source, std::int64_t state) {
    add(name + ".weight", TensorType::kF32, source + "/gamma", {state});
    add(name + ".bias", TensorType::kF32, source + "/beta", {state});
  }

  void linear(const std::string& name, const std::string& source, std::int64_t out, std::int64_t in) {
    add(name + ".weight", TensorType::kF16, source + "/weight", {out, in});
    add(name + ".bias", TensorType::kF32, source + "/bias", {out});
  }

  /// The names of projections that `source` holds below one another. The key has no bias.
  void fused(const std::string& name, const std::string& source, std::span<const std::string_view> parts,
             std::int64_t state) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string part = name + "." + std::string(parts[i]);
      const int count = static_cast<int>(parts.size());
      add_part(part + ".weight", TensorType::kF16, source + "/weight", {state, state}, i, count);
      if (parts[i] != "key") add_part(part + ".bias", TensorType::kF32, source + "/bias", {state}, i, count);
    }
  }

 private:
  void refuse(const std::string& name) {
    if (!error_) error_ = Error{Code::kCorrupt, "the CTranslate2 model's " + name + " is missing or misshapen", {}};
  }

  const Ct2File& model_;
  std::vector<PlannedTensor> tensors_;
  std::optional<Error> error_;
};

constexpr std::string_view kSelf[] = {"query", "key", "value"};
constexpr std::string_view kCrossQuery[] = {"query"};
constexpr std::string_view kCrossMemory[] = {"key", "value"};

/// Layers are numbered from 0 without a gap.
std::int32_t count_layers(const Ct2File& model, const std::string& side) {
  int layers = 0;
  while (layers < kMostLayers &&
         model.find(side + "/layer_" + std::to_string(layers) + "/ffn/linear_0/weight") != nullptr) {
    ++layers;
  }
  return layers;
}

void plan_layer(Planner& planner, const std::string& side, int index, std::int64_t state) {
  const std::string name = side + ".blocks." + std::to_string(index);
  const std::string source = side + "/layer_" + std::to_string(index);
  planner.norm(name + ".attn_ln", source + "/self_attention/layer_norm", state);
  planner.fused(name + ".attn", source + "/self_attention/linear_0", kSelf, state);
  planner.linear(name + ".attn.out", source + "/self_attention/linear_1", state, state);
  if (side == "decoder") {
    planner.norm(name + ".cross_attn_ln", source + "/attention/layer_norm", state);
    planner.fused(name + ".cross_attn", source + "/attention/linear_0", kCrossQuery, state);
    planner.fused(name + ".cross_attn", source + "/attention/linear_1", kCrossMemory, state);
    planner.linear(name + ".cross_attn.out", source + "/attention/linear_2", state, state);
  }
  planner.norm(name + ".mlp_ln", source + "/ffn/layer_norm", state);
  planner.linear(name + ".mlp.0", source + "/ffn/linear_0", 4 * state, state);
  planner.linear(name + ".mlp.2", source + "/ffn/linear_1", state, 4 * state);
}

}  // namespace

Result<TensorPlan> plan_tensors(const Ct2File& model) {
  if (model.spec != "WhisperSpec") return fail(Code::kUnsupported, "a CTranslate2 model of " + model.spec);
  Planner planner(model);
  const Dims embeddings = planner.dims_of("decoder/embeddings/weight", 2);
  const Dims audio = planner.dims_of("encoder/position_encodings/encodings", 2);
  const Dims text = planner.dims_of("decoder/position_encodings/encodings", 2);
  const Dims conv = planner.dims_of("encoder/conv1/weight", 3);
  const auto number = [](std::int64_t dim) { return static_cast<std::int32_t>(dim); };
  TensorPlan plan;
  plan.shape = {number(embeddings[0]),
                number(audio[0]),
                number(audio[1]),
                planner.scalar("encoder/num_heads"),
                0,
                number(text[0]),
                number(text[1]),
                planner.scalar("decoder/num_heads"),
                0,
                number(conv[1])};
  plan.shape.audio_layers = count_layers(model, "encoder");
  plan.shape.text_layers = count_layers(model, "decoder");

  const std::int64_t state = audio[1];
  planner.add("encoder.positional_embedding", TensorType::kF32, "encoder/position_encodings/encodings", audio);
  planner.add("encoder.conv1.weight", TensorType::kF16, "encoder/conv1/weight", {state, conv[1], 3});
  planner.add("encoder.conv1.bias", TensorType::kF32, "encoder/conv1/bias", {state});
  planner.add("encoder.conv2.weight", TensorType::kF16, "encoder/conv2/weight", {state, state, 3});
  planner.add("encoder.conv2.bias", TensorType::kF32, "encoder/conv2/bias", {state});
  for (int i = 0; i < plan.shape.audio_layers; ++i) plan_layer(planner, "encoder", i, state);
  planner.norm("encoder.ln_post", "encoder/layer_norm", state);
  planner.add("decoder.positional_embedding", TensorType::kF32, "decoder/position_encodings/encodings",
              {text[0], state});
  planner.add("decoder.token_embedding.weight", TensorType::kF16, "decoder/embeddings/weight", {embeddings[0], state});
  for (int i = 0; i < plan.shape.text_layers; ++i) plan_layer(planner, "decoder", i, state);
  planner.norm("decoder.ln", "decoder/layer_norm", state);
  if (planner.error()) return fail(*planner.error());

  plan.tensors = planner.take();
  for (PlannedTensor& tensor : plan.tensors) {  // whisper.cpp adds these to matrices, so it wants columns
    if (tensor.name == "encoder.conv1.bias" || tensor.name == "encoder.conv2.bias") tensor.dims.push_back(1);
  }
  return plan;
}

}  // namespace hearth::engines::whisper
