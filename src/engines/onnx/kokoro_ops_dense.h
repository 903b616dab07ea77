#pragma once

// The operators of the text side as ONNX Runtime's kernels: inputs checked, then the arithmetic of kokoro_ops_matmul.h
// and kokoro_ops_lstm.h. Immutable once made, so a kernel may run on several threads at once.

#include "engines/onnx/kokoro_ops.h"
#include "engines/onnx/kokoro_ops_context.h"
#include "engines/onnx/kokoro_ops_lstm.h"
#include "engines/onnx/kokoro_ops_matmul.h"

namespace hearth::engines::onnx {

class QuantMatMul {
 public:
  static constexpr const char* kName = kQuantMatMulOp;
  static constexpr std::size_t kRequired = 5;
  static constexpr ONNXTensorElementDataType kInputs[] = {
      ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
      ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT};

  /// `threads`: how many its work is shared out among.
  QuantMatMul(const OpAttributes& attributes, int threads)
      : threads_(threads), depth_(attributes.read_int("depth", 0)), columns_(attributes.read_int("columns", 0)) {}

  void compute(OpRun& run) const {
    const auto x = run.input<float>(0);
    const auto panels = run.input<std::uint8_t>(1);
    const auto scales = run.input<float>(2);
    const auto zeros = run.input<std::int32_t>(3);
    const auto sums = run.input<std::int32_t>(4);
    const auto bias = run.input<float>(5);
    if (run.failed()) return;
    const bool sound = depth_ > 0 && columns_ > 0 && x.dims[2] == depth_ && x.rank >= 1 && x.rank <= 3 &&
                       panels.count() == static_cast<std::int64_t>(matmul_panel_bytes(depth_, columns_)) &&
                       scales.count() == columns_ && zeros.count() == columns_ && sums.count() == columns_ &&
                       (!bias || bias.count() == columns_);
    if (!sound) return run.refuse("the weights of a product do not fit its input");
    const std::int64_t rows = x.dims[0] * x.dims[1];
    float* out = x.rank == 3   ? run.output({x.dims[0], x.dims[1], columns_})
                 : x.rank == 2 ? run.output({x.dims[1], columns_})
                               : run.output({columns_});
    if (out == nullptr || rows == 0) return;
    const MatMulWeights weights{depth_, columns_, panels.values, zeros.values, sums.values, scales.values, bias.values};
    run_quant_matmul(level_, weights, x.values, rows, out, threads_, run.parallel_for());
  }

 private:
  SimdLevel level_ = detect_simd_level();
  int threads_;
  std::int64_t depth_;
  std::int64_t columns_;
};

/// Both directions, each on a thread of its own where there are two.
class QuantLstm {
 public:
  static constexpr const char* kName = kQuantLstmOp;
  static constexpr std::size_t kRequired = 6;
  static constexpr ONNXTensorElementDataType kInputs[] = {
      ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
      ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT};

  QuantLstm(const OpAttributes& attributes, int /*threads*/) : hidden_(attributes.read_int("hidden", 0)) {}

  void compute(OpRun& run) const {
    const auto gates = run.input<float>(0);
    const auto panels = run.input<std::uint8_t>(1);
    const auto scales = run.input<float>(2);
    const auto zeros = run.input<std::int32_t>(3);
    const auto sums = run.input<std::int32_t>(4);
    const auto bias = run.input<float>(5);
    if (run.failed()) return;
    const std::int64_t width = 4 * hidden_, steps = gates.dims[0];
    const auto bytes = hidden_ > 0 ? static_cast<std::int64_t>(matmul_panel_bytes(hidden_, width)) : 0;
    const bool sound = hidden_ > 0 && gates.dims[1] == 1 && gates.dims[2] == 2 * width && panels.count() == 2 * bytes &&
                       scales.count() == 2 * width && zeros.count() == 2 * width && sums.count() == 2 * width &&
                       bias.count() == 2 * width;
    if (!sound) return run.refuse("the weights of an LSTM do not fit its input");
    float* out = run.output({steps, 2, 1, hidden_});
    if (out == nullptr) return;
    run.parallel_for()(2, [&](std::size_t side) {
      const auto at = static_cast<std::int64_t>(side) * width;
      const MatMulWeights recurrent{hidden_,
                                    width,
                                    panels.values + static_cast<std::int64_t>(side) * bytes,
                                    zeros.values + at,
                                    sums.values + at,
                                    scales.values + at,
                                    bias.values + at};
      run_quant_lstm(level_, {recurrent, side == 1}, steps, gates.values + at, 2 * width,
                     out + static_cast<std::int64_t>(side) * hidden_, 2 * hidden_);
    });
  }

 private:
  SimdLevel level_ = detect_simd_level();
  std::int64_t hidden_;
};

}  // namespace hearth::engines::onnx
