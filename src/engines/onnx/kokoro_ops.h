#pragma once

// Operators that Kokoro's artefacts use and ONNX Runtime does not have: whole chains of its nodes as one, so that a
// graph has a fraction of the nodes to load and runs on kernels made for its shapes (kokoro_ops_conv.h and its
// neighbours). Domain "hearth"; the graphs are made by engines/onnx/graph/, which states what each operator replaces.
//
//   QuantConv(x f32 [1,C,L], packed i8, sums i32 [M], bias? f32 [M], residual? f32 [1,M,L'], style? f32 [1,S],
//             snake? f32 [2,C]) -> f32 [1,M,L']: normalises x by the style and activates it where there is a style,
//             then the quantised convolution, then + residual, then / divisor.
//   AdaIn(x f32 [1,C,L], style f32 [1,S], snake? f32 [2,C]) -> f32 [1,C,L]: the first step of it alone.
//   Spectrum(signal f32, window f32 [n]) -> f32 [1, 2 × (n / 2 + 1), frames]: magnitudes, then phases, `step` samples
//   apart. QuantMatMul(x f32 [.., depth], panels u8, scales f32 [N], zeros i32 [N], sums i32 [N], bias? f32 [N]) -> f32
//   [.., N]. QuantLstm(gates f32 [T,1,8H], panels u8, scales f32 [2,4H], zeros i32 [2,4H], sums i32 [2,4H], bias f32
//   [2,4H])
//             -> f32 [T,2,1,H]: both directions, after a QuantMatMul has made the gates' input share.
// The style holds, from `style_offset`, C scales (less 1) and C shifts; `snake` holds C frequencies and C gains.

#include "base/result.h"

struct OrtApi;
struct OrtEnv;
struct OrtSessionOptions;

namespace hearth::engines::onnx {

inline constexpr const char* kKokoroOpsDomain = "hearth";
inline constexpr const char* kQuantConvOp = "QuantConv";
inline constexpr const char* kAdaInOp = "AdaIn";
inline constexpr const char* kSpectrumOp = "Spectrum";
inline constexpr const char* kQuantMatMulOp = "QuantMatMul";
inline constexpr const char* kQuantLstmOp = "QuantLstm";

/// Makes the operators known to sessions that are opened in `env` with `options`. Any thread, any number of times;
/// microseconds, the first time in a process some hundred.
[[nodiscard]] base::Result<void> register_kokoro_ops(const OrtApi& api, const OrtEnv* env, OrtSessionOptions* options);

}  // namespace hearth::engines::onnx
