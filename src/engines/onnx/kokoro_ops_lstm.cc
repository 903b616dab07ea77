#include "engines/onnx/kokoro_ops_lstm.h"

#include <algorithm>
#include <vector>

#include "engines/onnx/kokoro_ops_gates.h"

HEARTH_ROUND_EACH_STEP

namespace hearth::engines::onnx {

void run_quant_lstm(SimdLevel level, const LstmDirection& direction, std::int64_t steps, const float* gates,
                    std::int64_t gate_stride, float* out, std::int64_t out_stride) {
  const MatMulWeights& weights = direction.recurrent;
  const auto hidden = static_cast<std::size_t>(weights.depth);
  MatMulWeights product = weights;
  product.bias = nullptr;  // added after the input's share, as in the original
  std::vector<float> state(hidden, 0.0F), cell(hidden, 0.0F), sums(4 * hidden), squashed(hidden);
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::int64_t t = direction.backward ? steps - 1 - step : step;
    run_quant_row(level, product, state.data(), sums.data());
    const float* from_input = gates + t * gate_stride;
    for (std::size_t i = 0; i < 4 * hidden; ++i) sums[i] = sums[i] + from_input[i];
    for (std::size_t i = 0; i < 4 * hidden; ++i) sums[i] = sums[i] + weights.bias[i];
    apply_logistic(level, sums.data(), 3 * hidden);
    apply_tanh(level, sums.data() + 3 * hidden, hidden);
    const float* input = sums.data();
    const float* output = input + hidden;
    const float* forget = output + hidden;
    const float* candidate = forget + hidden;
    for (std::size_t i = 0; i < hidden; ++i) cell[i] = cell[i] * forget[i] + input[i] * candidate[i];
    std::ranges::copy(cell, squashed.begin());
    apply_tanh(level, squashed.data(), hidden);
    for (std::size_t i = 0; i < hidden; ++i) state[i] = output[i] * squashed[i];
    std::ranges::copy(state, out + t * out_stride);
  }
}

}  // namespace hearth::engines::onnx
