#include "engines/onnx/graph/kokoro_artefact_writer.h"

#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "engines/onnx/graph/cut.h"
#include "engines/onnx/graph/fold_shapes.h"
#include "engines/onnx/graph/fuse_dense.h"
#include "engines/onnx/graph/fuse_lstm.h"
#include "engines/onnx/graph/fuse_spectrum.h"
#include "engines/onnx/graph/fuse_speech.h"
#include "engines/onnx/graph/kokoro_artefact.h"
#include "engines/onnx/graph/ort_rewrite.h"

namespace hearth::engines::onnx::graph {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::operator""_MiB;

constexpr base::Bytes kMostModel = 1024_MiB;

// Where the text side ends and the vocoder begins: everything that the decoder reads.
std::vector<Boundary> frame_tensors() {
  return {{"/encoder/MatMul_1_output_0", "features", kFloat, {"1", "512", "frames"}},
          {"/encoder/Reshape_output_0", "f0", kFloat, {"1", "half_frames"}},
          {"/encoder/Reshape_1_output_0", "energy", kFloat, {"1", "half_frames"}}};
}

Result<pb::ModelProto> cut_text_side(const pb::ModelProto& model) {
  std::vector<Boundary> outputs = frame_tensors();
  outputs.push_back({"/encoder/Cast_output_0", "durations", kInt64, {"1", "tokens"}});
  return cut_graph(model,
                   {{"tokens", "tokens", kInt64, {"1", "tokens"}},
                    {"style", "style", kFloat, {"1", "256"}},
                    {"speed", "speed", kFloat, {"1"}}},
                   outputs);
}

Result<pb::ModelProto> cut_vocoder(const pb::ModelProto& model) {
  std::vector<Boundary> inputs = frame_tensors();
  inputs.push_back({"style", "style", kFloat, {"1", "256"}});
  return cut_graph(model, inputs, {{"audio", "audio", kFloat, {"samples"}}});
}

Result<std::string> make_graph(const OrtLibrary& library, const Result<pb::ModelProto>& cut,
                               const KokoroArtefactOptions& options) {
  if (!cut) return fail(cut.error());
  auto optimised = rewrite_model(library, cut->SerializeAsString(), Rewrite::kOptimise);
  if (!optimised) return optimised;
  pb::ModelProto model;
  if (!model.ParseFromString(*optimised)) return fail(Code::kInternal, "the optimised graph cannot be read back");
  if (options.fuse == KokoroArtefactOptions::Fuse::kYes) {
    GraphEditor editor(model);
    fuse_speech(editor);
    fuse_spectrum(editor);
    fuse_dense(editor);
    fuse_lstm(editor);
    fold_shapes(editor, has_batch_of_one(model.graph()));
    if (auto tidied = editor.tidy(); !tidied) return fail(tidied.error());
    editor.shorten_names();
  }
  return rewrite_model(library, model.SerializeAsString(), Rewrite::kOrtFormat);
}

}  // namespace

Result<void> write_kokoro_artefact(const OrtLibrary& library, const std::filesystem::path& model_file,
                                   const std::filesystem::path& folder, const KokoroArtefactOptions& options) {
  const auto bytes = base::read_file(model_file, kMostModel);
  if (!bytes) return fail(bytes.error());
  pb::ModelProto model;
  if (!model.ParseFromString(*bytes) || !model.has_graph()) {
    return fail(Code::kCorrupt, model_file.string() + " is not an ONNX model", "run: hearth models verify kokoro");
  }
  const auto text_side = make_graph(library, cut_text_side(model), options);
  if (!text_side) return fail(text_side.error());
  const auto vocoder = make_graph(library, cut_vocoder(model), options);
  if (!vocoder) return fail(vocoder.error());
  if (auto done = base::write_file_atomically(folder / kTextSideFile, *text_side); !done) return done;
  return base::write_file_atomically(folder / kVocoderFile, *vocoder);
}

}  // namespace hearth::engines::onnx::graph
