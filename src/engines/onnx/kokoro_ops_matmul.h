#pragma once

// A quantised product with constant weights as one call: what ONNX Runtime writes as DynamicQuantizeMatMul, or as
// DynamicQuantizeLinear and MatMulIntegerToFloat. Its weights lie ready in the artefact, so opening a graph packs
// nothing. The integers are ONNX's; the floats after them are rounded in the same order. Pure, apart from the threads
// that the caller lends.
//
// The tile of kokoro_ops_conv.h with the roles exchanged: its sixteen lanes are columns, so the weights are the
// unsigned operand (uint8 [columns / 48][depth / 4][48][4], padded with zeros) and eight rows of the activations the
// signed one.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engines/onnx/kokoro_ops_conv.h"

namespace hearth::engines::onnx {

inline constexpr std::int64_t kColumnsPerPanel = 48;

struct MatMulWeights {
  std::int64_t depth = 0;
  std::int64_t columns = 0;
  const std::uint8_t* panels = nullptr;
  const std::int32_t* zeros = nullptr;  // per column, for the unsigned weights
  const std::int32_t* sums = nullptr;   // per column: Σ (weight - zero)
  const float* scales = nullptr;        // per column
  const float* bias = nullptr;          // per column; null for none
};

[[nodiscard]] std::size_t matmul_panel_bytes(std::int64_t depth, std::int64_t columns);

/// out [rows, columns] = x [rows, depth], quantised by its own range, times the weights, plus the bias.
void run_quant_matmul(SimdLevel level, const MatMulWeights& weights, const float* x, std::int64_t rows, float* out,
                      int threads, const ParallelFor& parallel_for);

/// The same for one row, on the calling thread: for recurrences, whose rows are too short to share out.
void run_quant_row(SimdLevel level, const MatMulWeights& weights, const float* x, float* out);

/// The layout above from [depth][columns] of uint8.
[[nodiscard]] std::string pack_matmul_weights(std::int64_t depth, std::int64_t columns,
                                              std::span<const std::uint8_t> weights);

}  // namespace hearth::engines::onnx
