#include "engines/onnx/kokoro_ops_matmul.h"

#include <algorithm>
#include <cstring>
#include <vector>

HEARTH_ROUND_EACH_STEP

namespace hearth::engines::onnx {
namespace {

std::int64_t divide_up(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

/// One row of `depth` floats as the tile's signed operand: quads of int8, moved by 128, `quad_stride` bytes apart.
/// Gives their sum.
HEARTH_LANES_INLINE std::int32_t quantise_row(const float* row, std::int64_t depth, const Quantisation& quantisation,
                                              std::size_t quad_stride, std::int8_t* to) {
  const float zero = static_cast<float>(quantisation.zero);
  lanes::Ints totals{};
  for (std::int64_t k = 0; k < depth; k += kLanes) {
    const std::int64_t count = std::min<std::int64_t>(kLanes, depth - k);
    lanes::Floats value{};
    if (count == kLanes) {
      lanes::load(row + k, value);
    } else {
      for (std::int64_t i = 0; i < count; ++i) value[static_cast<int>(i)] = row[k + i];
    }
    value = value / quantisation.scale;
    lanes::clamp(-zero, 255.0F - zero, value);
    lanes::round_to_nearest(value);
    lanes::Ints level = __builtin_convertvector(value, lanes::Ints) + (quantisation.zero - 128);
    for (std::int64_t i = count; i < kLanes; ++i)
      level[static_cast<int>(i)] = 0;  // what fills the last quad counts nowhere
    totals += level;
    using Bytes = std::int8_t __attribute__((vector_size(kLanes)));
    const Bytes bytes = __builtin_convertvector(level, Bytes);
    std::int8_t woven[kLanes];
    std::memcpy(woven, &bytes, sizeof(woven));
    for (std::int64_t i = 0; i < count; i += kChannelsPerQuad) {
      std::memcpy(to + static_cast<std::size_t>((k + i) / kChannelsPerQuad) * quad_stride, woven + i, kChannelsPerQuad);
    }
  }
  std::int32_t total = 0;
  for (int i = 0; i < kLanes; ++i) total += totals[i];
  return total;
}

using QuantiseRow = std::int32_t (*)(const float*, std::int64_t, const Quantisation&, std::size_t, std::int8_t*);
std::int32_t quantise_row_portable(const float* row, std::int64_t depth, const Quantisation& quantisation,
                                   std::size_t stride, std::int8_t* to) {
  return quantise_row(row, depth, quantisation, stride, to);
}
#if defined(__x86_64__)
HEARTH_TARGET_AVX2 std::int32_t quantise_row_avx2(const float* row, std::int64_t depth,
                                                  const Quantisation& quantisation, std::size_t stride,
                                                  std::int8_t* to) {
  return quantise_row(row, depth, quantisation, stride, to);
}
HEARTH_TARGET_AVX512 std::int32_t quantise_row_avx512(const float* row, std::int64_t depth,
                                                      const Quantisation& quantisation, std::size_t stride,
                                                      std::int8_t* to) {
  return quantise_row(row, depth, quantisation, stride, to);
}
#endif

QuantiseRow find_quantise_row(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return quantise_row_avx512;
  if (level == SimdLevel::kAvx2) return quantise_row_avx2;
#endif
  static_cast<void>(level);
  return quantise_row_portable;
}

/// Activations as the tile's signed operand: int8 [rows / 8][depth / 4][8][4], and the sum of each row.
struct PackedRows {
  PackedRows(SimdLevel level, const float* x, std::int64_t rows, std::int64_t depth, const Quantisation& quantisation)
      : quads(divide_up(depth, kChannelsPerQuad)),
        bytes(static_cast<std::size_t>(divide_up(rows, kOutputsPerBlock) * kOutputsPerBlock * quads * kChannelsPerQuad),
              0),
        totals(static_cast<std::size_t>(rows), 0) {
    const QuantiseRow quantise = find_quantise_row(level);
    for (std::int64_t row = 0; row < rows; ++row) {
      std::int8_t* to = bytes.data() +
                        (row / kOutputsPerBlock * quads * kOutputsPerBlock + row % kOutputsPerBlock) * kChannelsPerQuad;
      totals[static_cast<std::size_t>(row)] =
          quantise(x + row * depth, depth, quantisation, kOutputsPerBlock * kChannelsPerQuad, to);
    }
  }
  std::int64_t quads;
  std::vector<std::int8_t> bytes;
  std::vector<std::int32_t> totals;
};

/// What turns the sums of one row of one panel into floats.
struct RowFinish {
  std::int32_t total;  // of the row
  Quantisation quantisation;
};

HEARTH_LANES_INLINE void finish_row(const std::int32_t* sums, const RowFinish& row, const MatMulWeights& weights,
                                    std::int64_t column, float* to) {
  const std::int64_t width = std::min(kColumnsPerPanel, weights.columns - column);
  const std::int32_t* zeros = weights.zeros + column;
  const std::int32_t* weight_sums = weights.sums + column;
  const float* scales = weights.scales + column;
  const std::int32_t moved = 128 - row.quantisation.zero;
  for (std::int64_t i = 0; i < width; ++i) {
    const std::int32_t sum = sums[i] - zeros[i] * row.total + moved * weight_sums[i];
    to[i] = static_cast<float>(sum) * (row.quantisation.scale * scales[i]);
  }
  if (weights.bias == nullptr) return;
  const float* bias = weights.bias + column;
  for (std::int64_t i = 0; i < width; ++i) to[i] += bias[i];
}

using FinishRow = void (*)(const std::int32_t*, const RowFinish&, const MatMulWeights&, std::int64_t, float*);
void finish_row_portable(const std::int32_t* sums, const RowFinish& row, const MatMulWeights& weights,
                         std::int64_t column, float* to) {
  finish_row(sums, row, weights, column, to);
}
#if defined(__x86_64__)
HEARTH_TARGET_AVX2 void finish_row_avx2(const std::int32_t* sums, const RowFinish& row, const MatMulWeights& weights,
                                        std::int64_t column, float* to) {
  finish_row(sums, row, weights, column, to);
}
HEARTH_TARGET_AVX512 void finish_row_avx512(const std::int32_t* sums, const RowFinish& row,
                                            const MatMulWeights& weights, std::int64_t column, float* to) {
  finish_row(sums, row, weights, column, to);
}
#endif

FinishRow find_finish_row(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return finish_row_avx512;
  if (level == SimdLevel::kAvx2) return finish_row_avx2;
#endif
  static_cast<void>(level);
  return finish_row_portable;
}

}  // namespace

std::size_t matmul_panel_bytes(std::int64_t depth, std::int64_t columns) {
  return static_cast<std::size_t>(divide_up(columns, kColumnsPerPanel) * kColumnsPerPanel *
                                  divide_up(depth, kChannelsPerQuad) * kChannelsPerQuad);
}

void run_quant_matmul(SimdLevel level, const MatMulWeights& weights, const float* x, std::int64_t rows, float* out,
                      int threads, const ParallelFor& parallel_for) {
  const Quantisation quantisation =
      choose_quantisation(find_extremes(level, x, static_cast<std::size_t>(rows * weights.depth)));
  const PackedRows packed(level, x, rows, weights.depth, quantisation);
  const ConvTile tile = find_conv_tile(level);
  const FinishRow finish = find_finish_row(level);
  const std::int64_t panels = divide_up(weights.columns, kColumnsPerPanel);
  const std::int64_t panel_bytes = packed.quads * kColumnsPerPanel * kChannelsPerQuad;
  const std::int64_t block_bytes = packed.quads * kOutputsPerBlock * kChannelsPerQuad;
  const std::int64_t share = divide_up(panels, std::max(1, 2 * threads));
  parallel_for(static_cast<std::size_t>(divide_up(panels, share)), [&](std::size_t task) {
    std::int32_t sums[kOutputsPerBlock * kColumnsPerPanel];
    const std::int64_t first = static_cast<std::int64_t>(task) * share;
    for (std::int64_t panel = first; panel < std::min(first + share, panels); ++panel) {
      const std::int64_t column = panel * kColumnsPerPanel;
      for (std::int64_t row = 0; row < rows; row += kOutputsPerBlock) {
        tile(weights.panels + panel * panel_bytes, static_cast<std::size_t>(kColumnsPerPanel * kChannelsPerQuad), 0,
             packed.bytes.data() + row / kOutputsPerBlock * block_bytes, packed.quads, 1, 3, sums);
        for (std::int64_t r = row; r < std::min(row + kOutputsPerBlock, rows); ++r) {
          finish(sums + (r - row) * kColumnsPerPanel, {packed.totals[static_cast<std::size_t>(r)], quantisation},
                 weights, column, out + r * weights.columns + column);
        }
      }
    }
  });
}

void run_quant_row(SimdLevel level, const MatMulWeights& weights, const float* x, float* out) {
  thread_local std::vector<std::int8_t> row;  // as long as the longest row that this thread has seen
  const Quantisation quantisation =
      choose_quantisation(find_extremes(level, x, static_cast<std::size_t>(weights.depth)));
  const std::int64_t quads = divide_up(weights.depth, kChannelsPerQuad);
  row.assign(static_cast<std::size_t>(quads * kChannelsPerQuad), 0);
  const std::int32_t total = find_quantise_row(level)(x, weights.depth, quantisation, kChannelsPerQuad, row.data());
  const RowTile tile = find_row_tile(level);
  const FinishRow finish = find_finish_row(level);
  std::int32_t sums[kColumnsPerPanel];
  for (std::int64_t column = 0; column < weights.columns; column += kColumnsPerPanel) {
    tile(weights.panels + column * quads * kChannelsPerQuad, row.data(), quads, sums);
    finish(sums, {total, quantisation}, weights, column, out + column);
  }
}

std::string pack_matmul_weights(std::int64_t depth, std::int64_t columns, std::span<const std::uint8_t> weights) {
  std::string packed(matmul_panel_bytes(depth, columns), '\0');
  const std::int64_t quads = divide_up(depth, kChannelsPerQuad);
  for (std::int64_t k = 0; k < depth; ++k) {
    for (std::int64_t n = 0; n < columns; ++n) {
      const std::int64_t at =
          ((n / kColumnsPerPanel * quads + k / kChannelsPerQuad) * kColumnsPerPanel + n % kColumnsPerPanel) *
              kChannelsPerQuad +
          k % kChannelsPerQuad;
      packed[static_cast<std::size_t>(at)] = static_cast<char>(weights[static_cast<std::size_t>(k * columns + n)]);
    }
  }
  return packed;
}

}  // namespace hearth::engines::onnx
