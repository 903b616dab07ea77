#pragma once

// A Whisper model small enough for a unit test, in CTranslate2's format: layers of 64 numbers, one on each side unless
// the test says otherwise, all zero, except that every token's logit is what the test says, at every step, whatever was
// heard.

#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/whisper/convert.h"
#include "engines/whisper/half.h"
#include "engines/whisper/vocabulary.h"

namespace hearth::engines::whisper {

inline constexpr std::int64_t kStateForTest = 64;
inline constexpr std::uint16_t kHalfOne = 0x3C00;
inline constexpr int kHelloForTest = 7;    // " hello"
inline constexpr int kEnglishEnd = 50256;  // <|endoftext|> of an English-only model; a multilingual one's is the next

/// Small whole numbers as f16.
inline std::uint16_t half_of(int value) {
  if (value == 0) return 0;
  std::uint16_t exponent = 25;
  auto fraction = static_cast<std::uint16_t>(value);
  for (; fraction < 0x400; fraction = static_cast<std::uint16_t>(fraction << 1)) --exponent;
  return static_cast<std::uint16_t>(exponent << 10 | (fraction & 0x3FF));
}

struct SizeForTest {
  int audio_layers = 1;
  int text_layers = 1;
  std::int64_t mels = 80;
};

class ModelForTest {
 public:
  /// `vocabulary`: 51,864 for English only, 51,865 for a multilingual model, 51,866 for large-v3's. `logits`: by token;
  /// zero for the others.
  explicit ModelForTest(int vocabulary = 51'864,
                        const std::map<int, int>& logits = {{kHelloForTest, 10}, {kEnglishEnd, 20}},
                        const SizeForTest& size = SizeForTest()) {
    const std::int64_t state = kStateForTest;
    std::vector<std::uint16_t> embeddings(static_cast<std::size_t>(vocabulary * state));
    for (const auto& [token, logit] : logits) embeddings[static_cast<std::size_t>(token * state)] = half_of(logit);
    add("decoder/embeddings/weight", {vocabulary, state}, embeddings);
    std::vector<std::uint16_t> first(static_cast<std::size_t>(state));
    first[0] = kHalfOne;
    zeros("decoder/layer_norm/gamma", {state});
    add("decoder/layer_norm/beta", {state}, first);  // what the decoder says, always
    zeros("decoder/position_encodings/encodings", {448, state});
    zeros("encoder/position_encodings/encodings", {1500, state});
    zeros("encoder/conv1/weight", {state, size.mels, 3});
    zeros("encoder/conv1/bias", {state});
    zeros("encoder/conv2/weight", {state, state, 3});
    zeros("encoder/conv2/bias", {state});
    zeros("encoder/layer_norm/gamma", {state});
    zeros("encoder/layer_norm/beta", {state});
    for (const std::string side : {"encoder", "decoder"}) {
      scalar(side + "/num_heads", 1);
      const bool is_decoder = side == "decoder";
      for (int i = 0; i < (is_decoder ? size.text_layers : size.audio_layers); ++i) {
        const std::string layer = side + "/layer_" + std::to_string(i) + "/";
        linear(layer + "self_attention/linear_0", 3 * state, state);
        linear(layer + "self_attention/linear_1", state, state);
        norm(layer + "self_attention/layer_norm");
        linear(layer + "ffn/linear_0", 4 * state, state);
        linear(layer + "ffn/linear_1", state, 4 * state);
        norm(layer + "ffn/layer_norm");
        if (!is_decoder) continue;
        linear(layer + "attention/linear_0", state, state);
        linear(layer + "attention/linear_1", 2 * state, state);
        linear(layer + "attention/linear_2", state, state);
        norm(layer + "attention/layer_norm");
      }
    }
  }

  struct Variable {
    std::vector<std::int64_t> dims;
    std::uint8_t type = 4;
    std::string bytes;
  };
  /// To be changed before bytes() by a test of damage.
  std::map<std::string, Variable> variables;
  std::uint32_t version = 6;
  std::string spec = "WhisperSpec";

  void add(const std::string& name, const std::vector<std::int64_t>& dims, const std::vector<std::uint16_t>& halfs) {
    std::string bytes(halfs.size() * 2, '\0');
    std::memcpy(bytes.data(), halfs.data(), bytes.size());
    variables[name] = {dims, 4, std::move(bytes)};
  }

  [[nodiscard]] std::string bytes() const {
    std::string file;
    put(file, version);
    put_string(file, spec);
    put(file, std::uint32_t{3});
    put(file, static_cast<std::uint32_t>(variables.size()));
    for (const auto& [name, variable] : variables) {
      put_string(file, name);
      put(file, static_cast<std::uint8_t>(variable.dims.size()));
      for (const std::int64_t dim : variable.dims) put(file, static_cast<std::uint32_t>(dim));
      put(file, variable.type);
      put(file, static_cast<std::uint32_t>(variable.bytes.size()));
      file += variable.bytes;
    }
    put(file, std::uint32_t{0});  // aliases
    return file;
  }

  /// As vocabulary.txt spells it: "!" is a space, kHelloForTest " hello", the others their numbers.
  [[nodiscard]] static std::string vocabulary() {
    std::string text;
    for (std::size_t i = 0; i < kSpelledTokens; ++i) {
      text += i == 0 ? "\u0120" : i == kHelloForTest ? "\u0120hello" : "t" + std::to_string(i);
      text += '\n';
    }
    return text;
  }

  /// As a ggml file; empty where it could not be converted.
  [[nodiscard]] std::string ggml() const {
    const std::string model = bytes();
    std::string file;
    const auto sink = [&](std::span<const std::byte> part) {
      file.append(reinterpret_cast<const char*>(part.data()), part.size());
      return base::Result<void>{};
    };
    return convert_ct2(std::as_bytes(std::span(model)), vocabulary(), sink, {}) ? file : std::string();
  }

 private:
  template <typename T>
  static void put(std::string& file, T value) {
    file.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  static void put_string(std::string& file, const std::string& text) {
    put(file, static_cast<std::uint16_t>(text.size() + 1));
    file.append(text.c_str(), text.size() + 1);
  }
  void zeros(const std::string& name, const std::vector<std::int64_t>& dims) {
    std::int64_t count = 1;
    for (const std::int64_t dim : dims) count *= dim;
    add(name, dims, std::vector<std::uint16_t>(static_cast<std::size_t>(count)));
  }
  void linear(const std::string& name, std::int64_t out, std::int64_t in) {
    zeros(name + "/weight", {out, in});
    zeros(name + "/bias", {out});
  }
  void norm(const std::string& name) {
    zeros(name + "/gamma", {kStateForTest});
    zeros(name + "/beta", {kStateForTest});
  }
  void scalar(const std::string& name, std::int16_t value) {
    variables[name] = {{}, 2, std::string(reinterpret_cast<const char*>(&value), sizeof value)};
  }
};

/// A converted model with its matrices in ggml's q8_0: blocks of 32 numbers, an f16 scale and as many bytes. REQUIRES:
/// no number above 127 nor with a fraction, so that the scale is 1.
inline std::string quantised(const std::string& ggml) {
  std::string file = ggml;
  const std::int32_t q8_0 = 7;
  std::memcpy(file.data() + 4 + 10 * 4, &q8_0, sizeof q8_0);
  const std::size_t first = file.find("encoder.positional_embedding") - 5 * 4;
  std::string_view rest = std::string_view(ggml).substr(first);
  file.resize(first);
  const auto take = [&](std::size_t count) {
    const std::string_view front = rest.substr(0, count);
    rest.remove_prefix(count);
    return front;
  };
  const auto take_number = [&] {
    std::int32_t number = 0;
    std::memcpy(&number, take(4).data(), 4);
    return number;
  };
  while (!rest.empty()) {
    const std::string_view head = rest.substr(0, 12);
    const auto rank = static_cast<std::size_t>(take_number());
    const auto length = static_cast<std::size_t>(take_number());
    const std::int32_t type = take_number();
    const std::string_view dims_bytes = rest.substr(0, 4 * rank);
    std::size_t elements = 1;
    for (std::size_t i = 0; i < rank; ++i) elements *= static_cast<std::size_t>(take_number());
    const std::string_view name = take(length);
    const std::string_view data = take(elements * (type == 1 ? 2 : 4));
    const bool is_matrix = type == 1 && rank == 2;
    const std::int32_t new_type = is_matrix ? 8 : type;
    file += head.substr(0, 8);
    file.append(reinterpret_cast<const char*>(&new_type), sizeof new_type);
    file += dims_bytes;
    file += name;
    if (!is_matrix) file += data;
    for (std::size_t i = 0; is_matrix && i < elements; ++i) {
      if (i % 32 == 0) file.append(reinterpret_cast<const char*>(&kHalfOne), sizeof kHalfOne);
      std::uint16_t half = 0;
      std::memcpy(&half, data.data() + 2 * i, sizeof half);
      file += static_cast<char>(widen_half(half));
    }
  }
  return file;
}

}  // namespace hearth::engines::whisper
