#pragma once

// What can be known of a Whisper model in ggml's format without opening it. whisper.cpp trusts such a file: a length of
// its choosing is allocated and read, a fifth dimension is written past the end of an array, and an unknown type ends
// the process. So every number is checked here first. Pure. Format, little-endian: u32 magic; WhisperShape; mel filters
// (i32 rows, i32 columns, f32 data); tokens (i32 count, then i32 length and bytes each); tensors to the end of the file
// (i32 rank, i32 length of the name, i32 type, i32 dims with the fastest first, name, data). Source: whisper.cpp,
// models/convert-pt-to-ggml.py.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "engines/whisper/tensor_plan.h"

namespace hearth::engines::whisper {

inline constexpr std::uint32_t kGgmlMagic = 0x67676d6c;  // "ggml"
inline constexpr std::size_t kShapeNumbers = sizeof(WhisperShape) / sizeof(std::int32_t);
/// Every Whisper model's: 30 s of sound in frames of 20 ms, and as many tokens as it can look at.
inline constexpr std::int32_t kAudioContext = 1500;
inline constexpr std::int32_t kTextContext = 448;

struct GgmlSummary {
  WhisperShape shape;
  [[nodiscard]] bool is_multilingual() const;
};

/// Whether whisper.cpp can be given a model of this shape. kUnsupported or kCorrupt.
[[nodiscard]] base::Result<void> check_shape(const WhisperShape& shape);

/// Looks at every header in the file and at none of its weights. kCorrupt when it is no such file or its sizes do not
/// fit it, or the weights are fewer than its shape asks for; kUnsupported as check_shape().
[[nodiscard]] base::Result<GgmlSummary> check_ggml(std::span<const std::byte> file);

}  // namespace hearth::engines::whisper
