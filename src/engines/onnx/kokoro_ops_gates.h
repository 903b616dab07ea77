#pragma once

// Logistic function and hyperbolic tangent over rows, as the rational approximations that Eigen and ONNX Runtime's MLAS
// use, so that the numbers are theirs to the bit. In place.

#include <cstddef>

#include "engines/onnx/kokoro_ops_simd.h"

namespace hearth::engines::onnx {

void apply_logistic(SimdLevel level, float* row, std::size_t count);
void apply_tanh(SimdLevel level, float* row, std::size_t count);

}  // namespace hearth::engines::onnx
