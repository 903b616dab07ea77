#include "engines/onnx/kokoro_ops_gates.h"

// Products and sums are left to be fused here where the processor can: the original does it too.

namespace hearth::engines::onnx {
namespace {

using lanes::Floats;

HEARTH_LANES_INLINE void logistic(Floats& value) {
  lanes::clamp(-18.0F, 18.0F, value);
  const Floats s = value * value;
  Floats p = s * 4.37031012579801e-11F + 1.15627324459942e-07F;
  p = p * s + 6.08574864600143e-05F;
  p = p * s + 8.51377133304701e-03F;
  p = p * s + 2.48287947061529e-01F;
  p = p * value;
  Floats q = s * 6.10247389755681e-13F + 5.76102136993427e-09F;
  q = q * s + 6.29106785017040e-06F;
  q = q * s + 1.70198817374094e-03F;
  q = q * s + 1.16817656904453e-01F;
  q = q * s + 9.93151921023180e-01F;
  value = p / q + 0.5F;
  lanes::clamp(0.0F, 1.0F, value);
}

HEARTH_LANES_INLINE void tangent(Floats& value) {
  lanes::clamp(-9.0F, 9.0F, value);
  const Floats s = value * value;
  Floats p = s * -2.76076847742355e-16F + 2.00018790482477e-13F;
  p = p * s + -8.60467152213735e-11F;
  p = p * s + 5.12229709037114e-08F;
  p = p * s + 1.48572235717979e-05F;
  p = p * s + 6.37261928875436e-04F;
  p = p * s + 4.89352455891786e-03F;
  p = p * value;
  Floats q = s * 1.19825839466702e-06F + 1.18534705686654e-04F;
  q = q * s + 2.26843463243900e-03F;
  q = q * s + 4.89352518554385e-03F;
  value = p / q;
}

enum class Function { kLogistic, kTanh };

template <Function kFunction>
HEARTH_LANES_INLINE void apply(float* row, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kLanes) {
    const std::size_t bytes = sizeof(float) * (count - i < kLanes ? count - i : kLanes);
    Floats value{};
    std::memcpy(&value, row + i, bytes);
    if constexpr (kFunction == Function::kLogistic) {
      logistic(value);
    } else {
      tangent(value);
    }
    std::memcpy(row + i, &value, bytes);
  }
}

#if defined(__x86_64__)
template <Function kFunction>
HEARTH_TARGET_AVX2 void apply_avx2(float* row, std::size_t count) {
  apply<kFunction>(row, count);
}
template <Function kFunction>
HEARTH_TARGET_AVX512 void apply_avx512(float* row, std::size_t count) {
  apply<kFunction>(row, count);
}
#endif

template <Function kFunction>
void apply_at(SimdLevel level, float* row, std::size_t count) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return apply_avx512<kFunction>(row, count);
  if (level == SimdLevel::kAvx2) return apply_avx2<kFunction>(row, count);
#endif
  static_cast<void>(level);
  apply<kFunction>(row, count);
}

}  // namespace

void apply_logistic(SimdLevel level, float* row, std::size_t count) {
  apply_at<Function::kLogistic>(level, row, count);
}
void apply_tanh(SimdLevel level, float* row, std::size_t count) { apply_at<Function::kTanh>(level, row, count); }

}  // namespace hearth::engines::onnx
