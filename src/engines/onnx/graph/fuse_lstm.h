#pragma once

// Rewrites DynamicQuantizeLSTM (bidirectional, from zero states, only its sequence read) to QuantMatMul for the inputs'
// share of all gates of both directions and QuantLstm for the recurrence (kokoro_ops_lstm.h). What does not look as
// expected stays.

#include "engines/onnx/graph/graph_editor.h"

namespace hearth::engines::onnx::graph {

/// How many it rewrote; call tidy() afterwards.
int fuse_lstm(GraphEditor& editor);

}  // namespace hearth::engines::onnx::graph
