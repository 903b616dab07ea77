#pragma once

// Makes GGUF headers byte by byte, sound and damaged ones, for tests.

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::engines::llama {

class GgufBuilder {
 public:
  template <typename T>
  static std::string raw(T number) {
    std::string bytes(sizeof(T), '\0');
    std::memcpy(bytes.data(), &number, sizeof(T));
    return bytes;
  }
  static std::string text(std::string_view value) { return raw<std::uint64_t>(value.size()) + std::string(value); }

  /// A field whose bytes after the type are given.
  GgufBuilder& field(std::string_view key, std::uint32_t type, const std::string& bytes) {
    fields_ += text(key) + raw(type) + bytes;
    ++field_count;
    return *this;
  }
  GgufBuilder& field(std::string_view key, std::string_view value) { return field(key, 8, text(value)); }
  GgufBuilder& field(std::string_view key, std::uint32_t value) { return field(key, 4, raw(value)); }
  GgufBuilder& texts(std::string_view key, const std::vector<std::string>& values) {
    std::string bytes = raw<std::uint32_t>(8) + raw<std::uint64_t>(values.size());
    for (const std::string& value : values) bytes += text(value);
    return field(key, 9, bytes);
  }
  /// Of f32; `offset` as given, whether it fits or not.
  GgufBuilder& tensor(std::string_view name, const std::vector<std::uint64_t>& shape, std::uint64_t offset,
                      std::uint32_t type = 0) {
    tensors_ += text(name) + raw(static_cast<std::uint32_t>(shape.size()));
    for (const std::uint64_t side : shape) tensors_ += raw(side);
    tensors_ += raw(type) + raw(offset);
    ++tensor_count;
    return *this;
  }
  [[nodiscard]] std::string bytes(std::size_t data_bytes = 0) const {
    std::string file = "GGUF" + raw(version) + raw(tensor_count) + raw(field_count) + fields_ + tensors_;
    if (tensor_count > 0) file.resize((file.size() + 31) / 32 * 32 + data_bytes);
    return file;
  }

  std::uint32_t version = 3;
  std::uint64_t field_count = 0;
  std::uint64_t tensor_count = 0;

 private:
  std::string fields_;
  std::string tensors_;
};

/// A small sound model.
inline GgufBuilder small_gguf() {
  GgufBuilder builder;
  builder.field("general.architecture", "llama").field("llama.context_length", std::uint32_t{2048});
  builder.texts("tokenizer.ggml.tokens", {"<s>", "a", "b"}).texts("tokenizer.ggml.merges", {"a b"});
  builder.field("tokenizer.ggml.bos_token_id", std::uint32_t{0});
  builder.tensor("token_embd.weight", {8, 3}, 0).tensor("output.weight", {8, 3}, 96);
  return builder;
}

}  // namespace hearth::engines::llama
