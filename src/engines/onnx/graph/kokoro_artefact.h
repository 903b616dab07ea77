#pragma once

// What hearth-graph writes and the server reads: names, tensors and the way to open them. No protobuf here, nothing to
// link.
//
// An artefact folder holds two graphs in ONNX Runtime's own format: the text side (phoneme ids to frames) and the
// vocoder (frames to sound). Both are optimised already, use the operators of engines/onnx/kokoro_ops.h, and are the
// same for every processor; they belong to the model's digest and to ONNX Runtime's version. How to open one so that it
// loads in the least time (artefact_settings() in kokoro_model.cc and Session::open do):
//   - map the file, without populating the mapping, and give the bytes to CreateSessionFromArray; the mapping must
//     outlive the session, because the weights are used where they lie (session.use_ort_model_bytes_directly and
//     session.use_ort_model_bytes_for_initializers). A cold file is first read through (base::prefetch_if_cold);
//   - optimisation level ORT_DISABLE_ALL: the work is done;
//   - execution mode ORT_PARALLEL over global pools whose inter-op pool has one thread: the nodes still run one after
//     the other on the caller's thread, but the planner that looks for memory to reuse, two thirds of a load, has
//     nothing to do;
//   - no prepacking (session.disable_prepacking): our operators have their weights packed in the file;
//   - the CPU arena on (without it long texts fault every page anew), memory patterns off (lengths vary).

#include <array>

namespace hearth::engines::onnx {

/// Part of an artefact's key, with the model's digest and ONNX Runtime's version: raise it when what is written
/// changes.
inline constexpr int kKokoroArtefactVersion = 2;

inline constexpr const char* kTextSideFile = "text.ort";
inline constexpr const char* kVocoderFile = "vocoder.ort";

/// `tokens` i64 [1, n] with both pads, `style` f32 [1, 256], `speed` f32 [1].
inline constexpr std::array<const char*, 3> kTextSideInputs = {"tokens", "style", "speed"};
/// `features` f32 [1, 512, frames], `f0` and `energy` f32 [1, 2 × frames]. The graph also has `durations` i64 [1, n],
/// the frames of each token, which nobody asks for.
inline constexpr std::array<const char*, 3> kTextSideOutputs = {"features", "f0", "energy"};

/// As the text side gives them, or a window of it: [begin, end) of the frames, [2 × begin, 2 × end) of f0 and energy.
inline constexpr std::array<const char*, 4> kVocoderInputs = {"features", "f0", "energy", "style"};
/// `audio` f32 [600 × frames (a few samples more or less at the end)], 24 kHz.
inline constexpr std::array<const char*, 1> kVocoderOutputs = {"audio"};

}  // namespace hearth::engines::onnx
