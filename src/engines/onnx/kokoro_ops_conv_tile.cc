#include <cstring>

#include "engines/onnx/kokoro_ops_conv.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hearth::engines::onnx {
namespace {

/// The meaning of the tile, and the path of processors without a dot product.
void tile_portable(const std::uint8_t* x, std::size_t quad_stride, std::size_t tap_stride, const std::int8_t* weights,
                   std::int64_t quads, std::int64_t taps, int vectors, std::int32_t* sums) {
  const int width = vectors * kLanes;
  std::memset(sums, 0, sizeof(std::int32_t) * static_cast<std::size_t>(kOutputsPerBlock * width));
  for (std::int64_t quad = 0; quad < quads; ++quad) {
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      const std::uint8_t* moments =
          x + static_cast<std::size_t>(quad) * quad_stride + static_cast<std::size_t>(tap) * tap_stride;
      for (int m = 0; m < kOutputsPerBlock; ++m, weights += kChannelsPerQuad) {
        std::int32_t* row = sums + m * width;
        for (int t = 0; t < width; ++t) {
          row[t] += moments[4 * t] * weights[0] + moments[4 * t + 1] * weights[1] + moments[4 * t + 2] * weights[2] +
                    moments[4 * t + 3] * weights[3];
        }
      }
    }
  }
}

constexpr int kRowWidth = 3 * kLanes;

void row_portable(const std::uint8_t* x, const std::int8_t* row, std::int64_t quads, std::int32_t* sums) {
  std::memset(sums, 0, sizeof(std::int32_t) * kRowWidth);
  for (std::int64_t quad = 0; quad < quads; ++quad, x += 4 * kRowWidth, row += 4) {
    for (int t = 0; t < kRowWidth; ++t) {
      sums[t] += x[4 * t] * row[0] + x[4 * t + 1] * row[1] + x[4 * t + 2] * row[2] + x[4 * t + 3] * row[3];
    }
  }
}

#if defined(__x86_64__)

HEARTH_TARGET_AVX512 void row_avx512(const std::uint8_t* x, const std::int8_t* row, std::int64_t quads,
                                     std::int32_t* sums) {
  __m512i near[3], far[3];  // two chains of each, because one waits on itself
  for (int v = 0; v < 3; ++v) near[v] = far[v] = _mm512_setzero_si512();
  const auto broadcast = [row](std::int64_t quad) HEARTH_TARGET_AVX512 {
    std::int32_t quartet;
    std::memcpy(&quartet, row + 4 * quad, sizeof(quartet));
    return _mm512_set1_epi32(quartet);
  };
  std::int64_t quad = 0;
  for (; quad + 2 <= quads; quad += 2, x += 8 * kRowWidth) {
    const __m512i first = broadcast(quad), second = broadcast(quad + 1);
#pragma GCC unroll 3
    for (int v = 0; v < 3; ++v) {
      near[v] = _mm512_dpbusd_epi32(near[v], _mm512_loadu_si512(x + 64 * v), first);
      far[v] = _mm512_dpbusd_epi32(far[v], _mm512_loadu_si512(x + 4 * kRowWidth + 64 * v), second);
    }
  }
  if (quad < quads) {
    const __m512i last = broadcast(quad);
    for (int v = 0; v < 3; ++v) near[v] = _mm512_dpbusd_epi32(near[v], _mm512_loadu_si512(x + 64 * v), last);
  }
  for (int v = 0; v < 3; ++v) _mm512_storeu_si512(sums + v * kLanes, _mm512_add_epi32(near[v], far[v]));
}

HEARTH_TARGET_AVX2 void row_avx2(const std::uint8_t* x, const std::int8_t* row, std::int64_t quads,
                                 std::int32_t* sums) {
  const __m256i low_bytes = _mm256_set1_epi16(0x00FF);
  __m256i acc[6];
  for (__m256i& cell : acc) cell = _mm256_setzero_si256();
  for (std::int64_t quad = 0; quad < quads; ++quad, x += 4 * kRowWidth) {
    std::int32_t quartet;
    std::memcpy(&quartet, row + 4 * quad, sizeof(quartet));
    const __m256i weight = _mm256_set1_epi32(quartet);
    const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(weight, 8), 8), odd = _mm256_srai_epi16(weight, 8);
    for (int v = 0; v < 6; ++v) {
      const __m256i moments = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + 32 * v));
      const __m256i evens = _mm256_madd_epi16(_mm256_and_si256(moments, low_bytes), even);
      const __m256i odds = _mm256_madd_epi16(_mm256_srli_epi16(moments, 8), odd);
      acc[v] = _mm256_add_epi32(acc[v], _mm256_add_epi32(evens, odds));
    }
  }
  for (int v = 0; v < 6; ++v) _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + 8 * v), acc[v]);
}

template <int kVectors>
HEARTH_TARGET_AVX512 void tile_avx512(const std::uint8_t* x, std::size_t quad_stride, std::size_t tap_stride,
                                      const std::int8_t* weights, std::int64_t quads, std::int64_t taps,
                                      std::int32_t* sums) {
  __m512i acc[kOutputsPerBlock][kVectors];
  for (auto& row : acc) {
    for (__m512i& cell : row) cell = _mm512_setzero_si512();
  }
  for (std::int64_t quad = 0; quad < quads; ++quad) {
    const std::uint8_t* moments = x + static_cast<std::size_t>(quad) * quad_stride;
    for (std::int64_t tap = 0; tap < taps; ++tap, moments += tap_stride, weights += 4 * kOutputsPerBlock) {
      __m512i window[kVectors];
      for (int v = 0; v < kVectors; ++v) window[v] = _mm512_loadu_si512(moments + 64 * v);
#pragma GCC unroll 8
      for (int m = 0; m < kOutputsPerBlock; ++m) {
        std::int32_t quartet;
        std::memcpy(&quartet, weights + 4 * m, sizeof(quartet));
        const __m512i weight = _mm512_set1_epi32(quartet);
#pragma GCC unroll 3
        for (int v = 0; v < kVectors; ++v) acc[m][v] = _mm512_dpbusd_epi32(acc[m][v], window[v], weight);
      }
    }
  }
  for (int m = 0; m < kOutputsPerBlock; ++m) {
    for (int v = 0; v < kVectors; ++v) _mm512_storeu_si512(sums + (m * kVectors + v) * kLanes, acc[m][v]);
  }
}

HEARTH_TARGET_AVX512 void tile_avx512_any(const std::uint8_t* x, std::size_t quad_stride, std::size_t tap_stride,
                                          const std::int8_t* weights, std::int64_t quads, std::int64_t taps,
                                          int vectors, std::int32_t* sums) {
  switch (vectors) {
    case 1:
      return tile_avx512<1>(x, quad_stride, tap_stride, weights, quads, taps, sums);
    case 2:
      return tile_avx512<2>(x, quad_stride, tap_stride, weights, quads, taps, sums);
    default:
      return tile_avx512<3>(x, quad_stride, tap_stride, weights, quads, taps, sums);
  }
}

/// Four outputs by sixteen moments. The 8-bit multiply of AVX2 saturates, so even and odd channels are widened to 16
/// bits.
HEARTH_TARGET_AVX2 void tile_avx2(const std::uint8_t* x, std::size_t quad_stride, std::size_t tap_stride,
                                  const std::int8_t* weights, std::int64_t quads, std::int64_t taps, int vectors,
                                  std::int32_t* sums) {
  constexpr int kOutputs = 4;
  const __m256i low_bytes = _mm256_set1_epi16(0x00FF);
  const int width = vectors * kLanes;
  for (int first = 0; first < kOutputsPerBlock; first += kOutputs) {
    for (int v = 0; v < vectors; ++v) {
      __m256i acc[kOutputs][2];
      for (auto& row : acc) row[0] = row[1] = _mm256_setzero_si256();
      const std::int8_t* w = weights + 4 * first;
      for (std::int64_t quad = 0; quad < quads; ++quad) {
        const std::uint8_t* moments = x + static_cast<std::size_t>(quad) * quad_stride + 64 * v;
        for (std::int64_t tap = 0; tap < taps; ++tap, moments += tap_stride, w += 4 * kOutputsPerBlock) {
          const __m256i near = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(moments));
          const __m256i far = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(moments + 32));
          const __m256i near_even = _mm256_and_si256(near, low_bytes), near_odd = _mm256_srli_epi16(near, 8);
          const __m256i far_even = _mm256_and_si256(far, low_bytes), far_odd = _mm256_srli_epi16(far, 8);
          for (int m = 0; m < kOutputs; ++m) {
            std::int32_t quartet;
            std::memcpy(&quartet, w + 4 * m, sizeof(quartet));
            const __m256i weight = _mm256_set1_epi32(quartet);
            const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(weight, 8), 8), odd = _mm256_srai_epi16(weight, 8);
            acc[m][0] = _mm256_add_epi32(
                acc[m][0], _mm256_add_epi32(_mm256_madd_epi16(near_even, even), _mm256_madd_epi16(near_odd, odd)));
            acc[m][1] = _mm256_add_epi32(
                acc[m][1], _mm256_add_epi32(_mm256_madd_epi16(far_even, even), _mm256_madd_epi16(far_odd, odd)));
          }
        }
      }
      for (int m = 0; m < kOutputs; ++m) {
        std::int32_t* to = sums + (first + m) * width + v * kLanes;
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), acc[m][0]);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 8), acc[m][1]);
      }
    }
  }
}

#endif

}  // namespace

ConvTile find_conv_tile(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return tile_avx512_any;
  if (level == SimdLevel::kAvx2) return tile_avx2;
#endif
  static_cast<void>(level);
  return tile_portable;
}

RowTile find_row_tile(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return row_avx512;
  if (level == SimdLevel::kAvx2) return row_avx2;
#endif
  static_cast<void>(level);
  return row_portable;
}

}  // namespace hearth::engines::onnx
