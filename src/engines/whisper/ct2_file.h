#pragma once

// CTranslate2's model.bin, version 6: a list of named arrays. Pure: what is parsed are views into the caller's bytes (a
// mapped file). Format, little-endian throughout: u32 version, string spec, u32 revision, u32 count; then for each
// variable string name, u8 rank, u32 dims[rank], u8 type, u32 bytes, data. A string is u16 length and as many bytes,
// the last of them a zero. Aliases follow, which a Whisper model has no need of. Source: CTranslate2's
// converters/model_spec.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hearth::engines::whisper {

enum class Ct2Type : std::uint8_t { kF32 = 0, kI8 = 1, kI16 = 2, kI32 = 3, kF16 = 4 };

/// One array; as many bytes as its dimensions and type say.
struct Ct2Variable {
  Ct2Type type = Ct2Type::kF32;
  std::vector<std::int64_t> dims;  // none for a scalar
  std::span<const std::byte> bytes;
};

struct Ct2File {
  std::string spec;  // "WhisperSpec"
  std::map<std::string, Ct2Variable, std::less<>> variables;
  /// Null where there is none of that name.
  [[nodiscard]] const Ct2Variable* find(std::string_view name) const;
};

/// kCorrupt when a size does not fit the bytes or two variables share a name, kUnsupported for another version.
[[nodiscard]] base::Result<Ct2File> parse_ct2(std::span<const std::byte> bytes);

}  // namespace hearth::engines::whisper
