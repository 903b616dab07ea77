#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace hearth::engines::whisper {

static_assert(std::endian::native == std::endian::little, "model files are read as they are");

/// Takes values off the front of bytes from outside; never beyond their end.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  /// Nothing where fewer bytes than that are left.
  [[nodiscard]] std::optional<std::span<const std::byte>> take(std::size_t count) {
    if (count > rest_.size()) return std::nullopt;
    const auto front = rest_.first(count);
    rest_ = rest_.subspan(count);
    return front;
  }
  template <typename T>
  [[nodiscard]] std::optional<T> take_value() {
    const auto bytes = take(sizeof(T));
    if (!bytes) return std::nullopt;
    T value;
    std::memcpy(&value, bytes->data(), sizeof value);
    return value;
  }
  [[nodiscard]] std::optional<std::string_view> take_text(std::size_t count) {
    const auto bytes = take(count);
    if (!bytes) return std::nullopt;
    return std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace hearth::engines::whisper
