#pragma once

// A quantised one-dimensional convolution as one call: what ONNX writes as DynamicQuantizeLinear, ConvInteger, the bias
// quantised by division and floor, Cast, Mul and often an added residual. The integers are ONNX's integers at every
// level, so the result differs from the nodes' in no bit. Pure, apart from the threads that the caller lends.
//
// Weights lie as int8 [outputs / 8][channels / 4][taps][8][4], padded with zeros, which the dot-product instructions
// read in order; the caller has moved them by 128 (they are unsigned in the model). Activations are packed as uint8
// [channels / 4][time][4], so a vector holds sixteen moments of four channels, a tap is an offset, and the sums come
// out as the rows they are to be stored in.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "engines/onnx/kokoro_ops_rows.h"

namespace hearth::engines::onnx {

inline constexpr int kOutputsPerBlock = 8;
inline constexpr int kChannelsPerQuad = 4;

struct ConvShape {
  std::int64_t channels = 1;
  std::int64_t outputs = 1;
  std::int64_t taps = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad_begin = 0;
  std::int64_t pad_end = 0;
  [[nodiscard]] std::int64_t output_length(std::int64_t length) const {
    return (length + pad_begin + pad_end - dilation * (taps - 1) - 1) / stride + 1;
  }
  /// With a stride the taps become channels, so that the inner loops know no stride.
  [[nodiscard]] bool gathers() const { return stride != 1; }
  [[nodiscard]] std::size_t packed_bytes() const;
};

struct ConvWeights {
  ConvShape shape;
  const std::int8_t* packed = nullptr;
  const std::int32_t* sums = nullptr;  // per output: Σ (weight - weight_zero) over channels and taps
  std::int32_t weight_zero = 0;        // moved by 128 like the weights
  float weight_scale = 1;
  const float* bias = nullptr;  // per output; null for none
};

/// How uint8 stands for floats: value = scale × (quantised - zero). As DynamicQuantizeLinear chooses it.
struct Quantisation {
  float scale = 1;
  std::int32_t zero = 0;
};
[[nodiscard]] Quantisation choose_quantisation(const Extremes& extremes);

/// Calls the function for each of 0 … count - 1, on as many threads as there are.
using ParallelFor = std::function<void(std::size_t count, const std::function<void(std::size_t)>& body)>;

/// out[m][t] = convolution of x [channels, length] with the weights; plus residual[m][t] if there is one, then divided
/// by `divisor` (1 for none). `extremes` are those of x. `out` has output_length(length) columns and must not overlap
/// x.
void run_quant_conv(SimdLevel level, const ConvWeights& weights, const float* x, std::int64_t length,
                    const Extremes& extremes, const float* residual, float divisor, float* out, int threads,
                    const ParallelFor& parallel_for);

/// The layout above from ONNX's [outputs][channels][taps] of uint8, moved by 128.
[[nodiscard]] std::string pack_conv_weights(const ConvShape& shape, std::span<const std::uint8_t> weights);

/// One tile of sums, kept apart for each instruction set: sums[8][vectors × 16] over `quads` × `taps`. `x` is the
/// packed window at the tile's first moment; one quad is `quad_stride` bytes from the next and one tap `tap_stride`
/// bytes. `vectors` is 1 to 3.
using ConvTile = void (*)(const std::uint8_t* x, std::size_t quad_stride, std::size_t tap_stride,
                          const std::int8_t* weights, std::int64_t quads, std::int64_t taps, int vectors,
                          std::int32_t* sums);
[[nodiscard]] ConvTile find_conv_tile(SimdLevel level);

/// The same for a single row of weights and one tap: sums[48] over `quads`, each 48 × 4 bytes of `x` and 4 of `row`.
using RowTile = void (*)(const std::uint8_t* x, const std::int8_t* row, std::int64_t quads, std::int32_t* sums);
[[nodiscard]] RowTile find_row_tile(SimdLevel level);

}  // namespace hearth::engines::onnx
