#pragma once

// One source for every vector width: sixteen lanes in the compilers' own vector types, compiled once per instruction
// set and chosen at run time. No intrinsics here; the functions that use these are inlined into callers built for each
// level.

#include <cstdint>
#include <cstring>

namespace hearth::engines::onnx {

enum class SimdLevel { kPortable, kAvx2, kAvx512 };

/// The best that this processor has and these kernels know: kAvx512 needs F, BW, VL and VNNI; kAvx2 needs FMA too.
[[nodiscard]] SimdLevel detect_simd_level();

#if defined(__x86_64__)
#define HEARTH_TARGET_AVX2 __attribute__((target("avx2,fma")))
#define HEARTH_TARGET_AVX512 __attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#endif
#define HEARTH_LANES_INLINE inline __attribute__((always_inline))

// Products and sums are rounded one by one, as ONNX Runtime rounds them: on a processor that can fuse the two, the
// compilers would otherwise do so and change the last bit. For the top of a .cc file.
#if defined(__clang__)
#define HEARTH_ROUND_EACH_STEP _Pragma("clang fp contract(off)")
#else
#define HEARTH_ROUND_EACH_STEP _Pragma("GCC optimize(\"fp-contract=off\")")
#endif

inline constexpr int kLanes = 16;

namespace lanes {

using Floats = float __attribute__((vector_size(64), aligned(4)));
using Ints = std::int32_t __attribute__((vector_size(64), aligned(4)));

HEARTH_LANES_INLINE void load(const float* from, Floats& to) { std::memcpy(&to, from, sizeof(to)); }
HEARTH_LANES_INLINE void store(const Floats& from, float* to) { std::memcpy(to, &from, sizeof(from)); }
HEARTH_LANES_INLINE void fill(float value, Floats& to) { to = Floats{} + value; }

/// Nearest integer, halves to even, for |value| < 2^22; still as floats.
HEARTH_LANES_INLINE void round_to_nearest(Floats& value) {
  constexpr float kMagic = 12582912.0F;  // 1.5 × 2^23: what is added to it loses its fraction
  // The compiler may not simplify this: neither -ffast-math nor contraction of add and subtract is in use.
  value = (value + kMagic) - kMagic;
}

HEARTH_LANES_INLINE void clamp(float low, float high, Floats& value) {
  Floats lows, highs;
  fill(low, lows);
  fill(high, highs);
  value = value < lows ? lows : value;
  value = value > highs ? highs : value;
}

}  // namespace lanes
}  // namespace hearth::engines::onnx
