#pragma once

// Operators that Kokoro's artefacts use and ONNX Runtime does not have: whole chains of its nodes as one, so that a
// graph has a fraction of the nodes to load and runs on kernels made for its shapes (kokoro_ops_conv.h and its
// neighbours). Domain "hearth"; the graphs are made by engines/onnx/graph/, which states what each operator replaces.
// What has no type here is f32; an input with ? may be missing.
//
// - QuantConv: x [1,C,L], packed i8, sums i32 [M], bias? [M], residual? [1,M,L'], style? [1,S], snake? [2,C] to
//   [1,M,L']. Normalises x by the style and activates it, where there is a style; then the quantised convolution, then
//   + residual, then / divisor.
// - AdaIn: x [1,C,L], style [1,S], snake? [2,C] to [1,C,L]. The first step of QuantConv alone.
// - Spectrum: signal, window [n] to [1, 2 × (n / 2 + 1), frames]. Magnitudes, then phases, `step` samples apart.
// - QuantMatMul: x [.., depth], panels u8, scales [N], zeros i32 [N], sums i32 [N], bias? [N] to [.., N].
// - QuantLstm: gates [T,1,8H], panels u8, scales [2,4H], zeros i32 [2,4H], sums i32 [2,4H], bias [2,4H] to [T,2,1,H].
//   Both directions, after a QuantMatMul has made the gates' input share.
//
// The style holds, from `style_offset`, C scales (less 1) and C shifts; `snake` holds C frequencies and C gains.

#include "base/result.h"

struct OrtSessionOptions;

namespace hearth::engines::onnx {

class OrtLibrary;

inline constexpr const char* kKokoroOpsDomain = "hearth";
inline constexpr const char* kQuantConvOp = "QuantConv";
inline constexpr const char* kAdaInOp = "AdaIn";
inline constexpr const char* kSpectrumOp = "Spectrum";
inline constexpr const char* kQuantMatMulOp = "QuantMatMul";
inline constexpr const char* kQuantLstmOp = "QuantLstm";

/// Makes the operators known to sessions that are opened with `options`. They share their work out among the threads of
/// `library`, of which a process has one. Any thread, any number of times; microseconds, the first time some hundred.
[[nodiscard]] base::Result<void> register_kokoro_ops(const OrtLibrary& library, OrtSessionOptions* options);

}  // namespace hearth::engines::onnx
