#include "app/kokoro_engine.h"

#include <string>
#include <utility>
#include <vector>

#include "base/child.h"
#include "base/log.h"
#include "engines/onnx/graph/kokoro_artefact.h"
#include "engines/onnx/kokoro.h"
#include "text/lexicon.h"
#include "text/lexicon_compiler.h"

namespace hearth::app {
namespace {

using base::Code;
using base::fail;
using base::Result;
namespace onnx = engines::onnx;

constexpr const char* kLexiconTable = "lexicon.bin";

std::string cpu_features() {
#if defined(__x86_64__)
  std::string features = "x86-64";
  if (__builtin_cpu_supports("avx2")) features += "+avx2";
  if (__builtin_cpu_supports("avx512f")) features += "+avx512f";
  if (__builtin_cpu_supports("avx512vnni")) features += "+vnni";
  return features;
#else
  return "portable";
#endif
}

Result<const store::LocalFile*> need(const store::LocalModel& model, std::string_view name) {
  if (const store::LocalFile* file = model.file(name)) return file;
  return fail(Code::kNotFound, model.name + " has no file " + std::string(name),
              "run: hearth models pull " + model.name);
}

/// The lexicons' table is made of files of the model, so its key has all of their digests.
store::ArtefactKey lexicon_key(const store::LocalModel& model) {
  std::vector<const store::LocalFile*> sources;
  for (const store::LocalFile& file : model.files) {
    if (file.name != "kokoro.onnx" && file.name != "voices.bin") sources.push_back(&file);
  }
  return {"lexicon-en", store::joined_digests(sources), "", "", static_cast<int>(text::kLexiconVersion)};
}

store::ArtefactKey graph_key(const store::LocalFile& graph, const std::string& ort_version) {
  return {"kokoro-graph", graph.digest_or_identity(), "onnxruntime-" + ort_version, cpu_features(),
          onnx::kKokoroArtefactVersion};
}

Result<store::Artefact> ensure_lexicon(const store::LocalModel& model, Workshop& workshop) {
  return workshop.ensure_artefact(lexicon_key(model), [&](const std::filesystem::path& folder) {
    return text::compile_lexicon(text::lexicon_sources_in(model.folder, model.folder), folder / kLexiconTable);
  });
}

Result<std::unique_ptr<engine::Engine>> load_kokoro(const store::ServedModel& served, Workshop& workshop,
                                                    const engine::LoadProgress& progress, std::stop_token stop) {
  auto model = store::find_local(served.spec, workshop.loaded().folders);
  if (!model) return fail(model.error());
  const auto graph = need(*model, "kokoro.onnx");
  const auto voices = need(*model, "voices.bin");
  if (!graph) return fail(graph.error());
  if (!voices) return fail(voices.error());
  if (progress) progress(0.0, "library");
  auto library = workshop.ensure_onnxruntime();
  if (!library) return fail(library.error());
  auto lexicon = ensure_lexicon(*model, workshop);
  if (!lexicon) return fail(lexicon.error());

  onnx::KokoroFiles files{(*graph)->path, {}, (*voices)->path, lexicon->file(kLexiconTable)};
  if (auto split = workshop.find_artefact(graph_key(**graph, (*library)->version())))
    files.split_graphs = split->folder;
  const config::Speech& speech = workshop.loaded().config().speech;
  return onnx::open_kokoro(std::move(*library), files, onnx::KokoroDefaults{speech.voice, speech.language}, progress,
                           std::move(stop));
}

}  // namespace

engine::Load make_kokoro_load(const store::ServedModel& model, Workshop& workshop) {
  return [model, &workshop](const engine::LoadProgress& progress, std::stop_token stop) {
    return load_kokoro(model, workshop, progress, std::move(stop));
  };
}

Result<void> prepare_kokoro(const store::LocalModel& model, Workshop& workshop, const Preparing& how) {
  const auto graph = need(model, "kokoro.onnx");
  if (!graph) return fail(graph.error());
  if (auto lexicon = ensure_lexicon(model, workshop); !lexicon) return fail(lexicon.error());
  auto library = workshop.ensure_onnxruntime();
  if (!library) return fail(library.error());
  auto split =
      workshop.ensure_artefact(graph_key(**graph, (*library)->version()), [&](const std::filesystem::path& folder) {
        return base::run_program(base::program_folder() / "hearth-graph",
                                 {"kokoro", "--model", (*graph)->path.string(), "--out", folder.string(), "--ort",
                                  workshop.onnxruntime_path().string()},
                                 how.urgency, how.stop, how.alive);
      });
  if (!split) return fail(split.error());
  return {};
}

bool is_kokoro_prepared(const store::LocalModel& model, Workshop& workshop) {
  const auto graph = need(model, "kokoro.onnx");
  if (!graph || !workshop.artefacts().find(lexicon_key(model))) return false;
  auto library = workshop.ensure_onnxruntime();
  return library && workshop.artefacts().find(graph_key(**graph, (*library)->version()));
}

}  // namespace hearth::app
