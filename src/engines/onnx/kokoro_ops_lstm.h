#pragma once

// The recurrent half of a quantised bidirectional LSTM (ONNX Runtime's DynamicQuantizeLSTM): the input's product with
// all gates' weights is an ordinary QuantMatMul before it. Each step quantises the hidden state by its own range,
// multiplies it by the recurrent weights, and applies the gates. Initial states are zero; no peepholes; gates in the
// order input, output, forget, cell. Pure, apart from the threads that the caller lends. Source: Hochreiter and
// Schmidhuber 1997; the rounding follows ONNX Runtime's, whose sigmoid and tangent are rational approximations
// (kokoro_ops_gates.h).

#include <cstddef>
#include <cstdint>

#include "engines/onnx/kokoro_ops_matmul.h"

namespace hearth::engines::onnx {

/// Of one direction; `recurrent` is [hidden, 4 × hidden] and its bias the sum of both biases of the model.
struct LstmDirection {
  MatMulWeights recurrent;
  bool backward = false;
};

/// Reads gates[t × gate_stride + 0 … 4 × hidden) and writes out[t × out_stride + 0 … hidden) for the steps 0 … steps
/// - 1.
void run_quant_lstm(SimdLevel level, const LstmDirection& direction, std::int64_t steps, const float* gates,
                    std::int64_t gate_stride, float* out, std::int64_t out_stride);

}  // namespace hearth::engines::onnx
