#include "engines/whisper/tensor_table.h"

namespace hearth::engines::whisper {
namespace {

using Table = std::map<std::string, WantedTensor, std::less<>>;
using Kind = WantedTensor::Kind;

void add_norm(Table& table, const std::string& name, std::int64_t state) {
  table[name + ".weight"] = {Kind::kExact, {state, 1, 1}};
  table[name + ".bias"] = {Kind::kExact, {state, 1, 1}};
}

void add_linear(Table& table, const std::string& name, std::int64_t in, std::int64_t out) {
  table[name + ".weight"] = {Kind::kMatrix, {in, out, 1}};
  table[name + ".bias"] = {Kind::kExact, {out, 1, 1}};
}

void add_attention(Table& table, const std::string& name, std::int64_t state) {
  add_norm(table, name + "_ln", state);
  add_linear(table, name + ".query", state, state);
  table[name + ".key.weight"] = {Kind::kMatrix, {state, state, 1}};
  add_linear(table, name + ".value", state, state);
  add_linear(table, name + ".out", state, state);
}

void add_convolution(Table& table, const std::string& name, std::int64_t in, std::int64_t out) {
  table[name + ".weight"] = {Kind::kConvolution, {3, in, out}};
  table[name + ".bias"] = {Kind::kExact, {1, out, 1}};
}

void add_mlp(Table& table, const std::string& block, std::int64_t state) {
  add_norm(table, block + ".mlp_ln", state);
  add_linear(table, block + ".mlp.0", state, 4 * state);
  add_linear(table, block + ".mlp.2", 4 * state, state);
}

}  // namespace

Table wanted_tensors(const WhisperShape& shape) {
  const std::int64_t state = shape.audio_state;
  Table table;
  table["encoder.positional_embedding"] = {Kind::kExact, {state, shape.audio_context, 1}};
  add_convolution(table, "encoder.conv1", shape.mels, state);
  add_convolution(table, "encoder.conv2", state, state);
  add_norm(table, "encoder.ln_post", state);
  for (int i = 0; i < shape.audio_layers; ++i) {
    const std::string block = "encoder.blocks." + std::to_string(i);
    add_attention(table, block + ".attn", state);
    add_mlp(table, block, state);
  }
  table["decoder.positional_embedding"] = {Kind::kExact, {state, shape.text_context, 1}};
  table["decoder.token_embedding.weight"] = {Kind::kMatrix, {state, shape.vocabulary, 1}};
  add_norm(table, "decoder.ln", state);
  for (int i = 0; i < shape.text_layers; ++i) {
    const std::string block = "decoder.blocks." + std::to_string(i);
    add_attention(table, block + ".attn", state);
    add_attention(table, block + ".cross_attn", state);
    add_mlp(table, block, state);
  }
  return table;
}

}  // namespace hearth::engines::whisper
