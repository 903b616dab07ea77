#pragma once

// Rewrites the vocoder's STFT with what makes magnitudes and phases of it (Transpose, two Gathers, Pow, Sqrt, Div,
// Atan, the choice of the quadrant, Concat) to one Spectrum (kokoro_ops_spectrum.h). What does not look as expected
// stays.

#include "engines/onnx/graph/graph_editor.h"

namespace hearth::engines::onnx::graph {

/// How many it rewrote; call tidy() afterwards.
int fuse_spectrum(GraphEditor& editor);

}  // namespace hearth::engines::onnx::graph
