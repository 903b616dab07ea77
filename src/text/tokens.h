#pragma once

// Kokoro's vocabulary: phoneme symbols to the ids that the model was trained on.
// Source: config.json of Kokoro-82M v1.0 (114 symbols of 178 ids). Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hearth::text {

/// Kokoro's context: 512 positions, two of which are the zero pads at either end.
inline constexpr std::size_t kMaxIds = 510;

[[nodiscard]] std::optional<std::int64_t> find_token_id(char32_t symbol);

struct TokenIds {
  std::vector<std::int64_t> ids;  // without the pads
  std::size_t unknown = 0;        // symbols that the vocabulary lacks; they are dropped
};

/// One id a symbol of the UTF-8 string. Bytes that are no UTF-8 count as unknown symbols.
[[nodiscard]] TokenIds tokenize(std::string_view phonemes);

}  // namespace hearth::text
