#include "base/cpu.h"

namespace hearth::base {

// A constant table and functions without data: this runs on processors that lack what the file is compiled for, so
// nothing here may tempt the compiler into vector instructions.

#if defined(__x86_64__)
namespace {

// A macro that is defined expands to 1, one that is not to its own name.
#define HEARTH_TEXT(macro) #macro
#define HEARTH_IS_DEFINED(macro) (HEARTH_TEXT(macro)[0] == '1')
#if defined(__clang__)
// Clang 16 knows fewer names. It checks this code; what others run is built by GCC.
#define HEARTH_CPU_HAS(name) true
#else
#define HEARTH_CPU_HAS(name) (__builtin_cpu_supports(name) != 0)
#endif
#define HEARTH_FEATURE(macro, name)                                     \
  {                                                                     \
    name, HEARTH_IS_DEFINED(macro), [] { return HEARTH_CPU_HAS(name); } \
  }

constexpr CpuFeature kFeatures[] = {
    HEARTH_FEATURE(__SSE3__, "sse3"),
    HEARTH_FEATURE(__SSSE3__, "ssse3"),
    HEARTH_FEATURE(__SSE4_1__, "sse4.1"),
    HEARTH_FEATURE(__SSE4_2__, "sse4.2"),
    HEARTH_FEATURE(__SSE4A__, "sse4a"),
    HEARTH_FEATURE(__POPCNT__, "popcnt"),
    HEARTH_FEATURE(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16, "cmpxchg16b"),
    HEARTH_FEATURE(__LAHF_SAHF__, "lahf_lm"),
    HEARTH_FEATURE(__LZCNT__, "lzcnt"),
    HEARTH_FEATURE(__MOVBE__, "movbe"),
    HEARTH_FEATURE(__BMI__, "bmi"),
    HEARTH_FEATURE(__BMI2__, "bmi2"),
    HEARTH_FEATURE(__TBM__, "tbm"),
    HEARTH_FEATURE(__ADX__, "adx"),
    HEARTH_FEATURE(__AES__, "aes"),
    HEARTH_FEATURE(__PCLMUL__, "pclmul"),
    HEARTH_FEATURE(__SHA__, "sha"),
    HEARTH_FEATURE(__AVX__, "avx"),
    HEARTH_FEATURE(__AVX2__, "avx2"),
    HEARTH_FEATURE(__F16C__, "f16c"),
    HEARTH_FEATURE(__FMA__, "fma"),
    HEARTH_FEATURE(__FMA4__, "fma4"),
    HEARTH_FEATURE(__XOP__, "xop"),
    HEARTH_FEATURE(__GFNI__, "gfni"),
    HEARTH_FEATURE(__VAES__, "vaes"),
    HEARTH_FEATURE(__VPCLMULQDQ__, "vpclmulqdq"),
    HEARTH_FEATURE(__AVXVNNI__, "avxvnni"),
    HEARTH_FEATURE(__AVX512F__, "avx512f"),
    HEARTH_FEATURE(__AVX512CD__, "avx512cd"),
    HEARTH_FEATURE(__AVX512ER__, "avx512er"),
    HEARTH_FEATURE(__AVX512PF__, "avx512pf"),
    HEARTH_FEATURE(__AVX512DQ__, "avx512dq"),
    HEARTH_FEATURE(__AVX512BW__, "avx512bw"),
    HEARTH_FEATURE(__AVX512VL__, "avx512vl"),
    HEARTH_FEATURE(__AVX512IFMA__, "avx512ifma"),
    HEARTH_FEATURE(__AVX512VBMI__, "avx512vbmi"),
    HEARTH_FEATURE(__AVX512VBMI2__, "avx512vbmi2"),
    HEARTH_FEATURE(__AVX512VNNI__, "avx512vnni"),
    HEARTH_FEATURE(__AVX512BITALG__, "avx512bitalg"),
    HEARTH_FEATURE(__AVX512VPOPCNTDQ__, "avx512vpopcntdq"),
    HEARTH_FEATURE(__AVX512VP2INTERSECT__, "avx512vp2intersect"),
    HEARTH_FEATURE(__AVX5124FMAPS__, "avx5124fmaps"),
    HEARTH_FEATURE(__AVX5124VNNIW__, "avx5124vnniw"),
    HEARTH_FEATURE(__AVX512BF16__, "avx512bf16"),
    HEARTH_FEATURE(__AVX512FP16__, "avx512fp16"),
    HEARTH_FEATURE(__AMX_TILE__, "amx-tile"),
    HEARTH_FEATURE(__AMX_INT8__, "amx-int8"),
    HEARTH_FEATURE(__AMX_BF16__, "amx-bf16"),
};

}  // namespace

std::span<const CpuFeature> cpu_features() {
#if !defined(__clang__)
  __builtin_cpu_init();  // before main nobody else may have asked yet
#endif
  return kFeatures;
}
#else
std::span<const CpuFeature> cpu_features() { return {}; }
#endif

const char* find_missing(std::span<const CpuFeature> features) {
  for (const CpuFeature& feature : features) {
    if (feature.is_compiled_in && !feature.is_here()) return feature.name;
  }
  return nullptr;
}

}  // namespace hearth::base
