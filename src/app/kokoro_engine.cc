#include "app/kokoro_engine.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/child.h"
#include "base/environment.h"
#include "base/files.h"
#include "base/log.h"
#include "engines/onnx/graph/kokoro_artefact.h"
#include "engines/onnx/kokoro.h"
#include "engines/onnx/kokoro_voices.h"
#include "text/language.h"
#include "text/lexicon.h"
#include "text/lexicon_compiler.h"
#include "text/voice_mix.h"
#include "wire/openai_names.h"

namespace hearth::app {
namespace {

using base::Code;
using base::fail;
using base::Result;
namespace onnx = engines::onnx;

constexpr const char* kGraph = "kokoro.onnx";
constexpr const char* kVoices = "voices.bin";
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

/// The lexicons' table is made of files of the model, so its key has all of their digests.
store::ArtefactKey lexicon_key(const store::LocalModel& model) {
  std::vector<const store::LocalFile*> sources;
  for (const store::LocalFile& file : model.files) {
    if (file.name != kGraph && file.name != kVoices) sources.push_back(&file);
  }
  return {"lexicon-en", store::joined_digests(sources), "", "", static_cast<int>(text::kLexiconVersion)};
}

store::ArtefactKey graph_key(const store::LocalFile& graph, const std::string& ort_version) {
  return {"kokoro-graph", graph.digest_or_identity(), "onnxruntime-" + ort_version, cpu_features(),
          onnx::kKokoroArtefactVersion};
}

Result<store::Artefact> ensure_lexicon(const store::LocalModel& model, Workshop& workshop, const Preparing& how) {
  const auto compile = [&](const std::filesystem::path& folder) {
    return text::compile_lexicon(text::lexicon_sources_in(model.folder, model.folder), folder / kLexiconTable);
  };
  return workshop.ensure_artefact(lexicon_key(model), compile, how);
}

/// The lexicons' table where it can be opened: the artefact, or where none can be written (the disk is full, or not
/// ours) one in a folder that goes when the table is open.
struct Table {
  std::filesystem::path path;
  std::optional<base::TempFolder> folder;
};

Result<Table> ensure_table(const store::LocalModel& model, Workshop& workshop, const Preparing& how) {
  auto lexicon = ensure_lexicon(model, workshop, how);
  if (lexicon) return Table{lexicon->file(kLexiconTable), std::nullopt};
  const Code code = lexicon.error().code;
  if (code != Code::kExhausted && code != Code::kPermission && code != Code::kIo) return fail(lexicon.error());
  auto folder = base::TempFolder::make("hearth-lexicon");
  if (!folder) return fail(lexicon.error());
  const std::filesystem::path table = folder->path() / kLexiconTable;
  const auto made = text::compile_lexicon(text::lexicon_sources_in(model.folder, model.folder), table);
  if (!made) return fail(lexicon.error());
  base::log_warning("{}: the lexicons' table cannot be kept, so that each start makes it anew: {}", model.name,
                    lexicon.error().line());
  return Table{table, std::move(*folder)};
}

/// "speech.voice = af_hart (from HEARTH_VOICE): …"
base::Error about_setting(const config::Loaded& loaded, std::string_view key, const std::string& value,
                          base::Error error) {
  error.message = fmt::format("{} = {} (from {}): {}", key, value, loaded.resolved.origin(key).text(), error.message);
  return error;
}

}  // namespace

Opened load_kokoro(const Loading& loading) {
  const auto& [served, model, workshop, progress, stop] = loading;
  const auto graph = need_file(model, kGraph);
  const auto voices = need_file(model, kVoices);
  if (!graph) return fail(graph.error());
  if (!voices) return fail(voices.error());
  if (progress) progress(0.0, "library");
  auto library = workshop.ensure_onnxruntime();
  if (!library) return fail(library.error());
  const auto lexicon = ensure_table(model, workshop, preparing_for(loading, "lexicon"));
  if (!lexicon) return fail(lexicon.error());

  onnx::KokoroFiles files{(*graph)->path, {}, (*voices)->path, lexicon->path};
  if (auto split = workshop.find_artefact(graph_key(**graph, (*library)->version()), stop))
    files.split_graphs = split->folder;
  const config::Speech& speech = workshop.loaded().config().speech;
  return onnx::open_kokoro(std::move(*library), files,
                           onnx::KokoroDefaults{wire::resolve_voices(speech.voice), speech.language}, progress, stop);
}

Result<void> check_speech(const config::Loaded& loaded) {
  const config::Speech& speech = loaded.config().speech;
  const auto mix = text::parse_voice_mix(wire::resolve_voices(speech.voice));
  const auto known = mix ? onnx::check_voices(*mix) : Result<void>(fail(mix.error()));
  if (!known) return fail(about_setting(loaded, "speech.voice", speech.voice, known.error()));
  if (speech.language.empty()) return {};
  const auto language = text::parse_language(speech.language);
  if (!language) return fail(about_setting(loaded, "speech.language", speech.language, language.error()));
  return {};
}

Result<void> prepare_kokoro(const store::LocalModel& model, Workshop& workshop, const Preparing& how) {
  const auto graph = need_file(model, kGraph);
  if (!graph) return fail(graph.error());
  if (auto lexicon = ensure_lexicon(model, workshop, how); !lexicon) return fail(lexicon.error());
  auto library = workshop.ensure_onnxruntime();
  if (!library) return fail(library.error());
  const auto cut = [&](const std::filesystem::path& folder) {
    return base::run_program(
        base::program_folder() / "hearth-graph",
        {"kokoro", "--model", (*graph)->path.string(), "--out", folder.string(), "--ort",
         workshop.onnxruntime_path().string()},
        {.urgency = how.urgency, .stop = how.stop, .alive = how.alive, .environment = base::short_environment()});
  };
  auto split = workshop.ensure_artefact(graph_key(**graph, (*library)->version()), cut, how);
  if (!split) return fail(split.error());
  return {};
}

bool is_kokoro_prepared(const store::LocalModel& model, Workshop& workshop) {
  const auto graph = need_file(model, kGraph);
  if (!graph || !workshop.artefacts().find(lexicon_key(model))) return false;
  auto library = workshop.ensure_onnxruntime();
  return library && workshop.artefacts().find(graph_key(**graph, (*library)->version()));
}

}  // namespace hearth::app
