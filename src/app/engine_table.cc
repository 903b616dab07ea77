#include "app/engine_table.h"

#include <utility>

#include "app/detector_engines.h"
#include "app/kokoro_engine.h"
#include "app/llama_engine.h"
#include "app/pp_ocr_engine.h"
#include "app/prompt_prefixes.h"
#include "app/whisper_engine.h"
#include "base/files.h"
#include "base/log.h"

namespace hearth::app {
namespace {

constexpr auto kOnnx = EngineEntry::Library::kOnnxRuntime;
constexpr EngineEntry kEngines[] = {
    {"kokoro", "speech", LoadGroup::kMedia, kOnnx, load_kokoro, prepare_kokoro, is_kokoro_prepared, check_speech},
    {"whisper", "transcription", LoadGroup::kMedia, EngineEntry::Library::kNone, load_whisper, prepare_whisper,
     is_whisper_prepared, nullptr},
    {"llama", "language", LoadGroup::kLanguage, EngineEntry::Library::kNone, load_llama, prepare_prefixes,
     are_prefixes_prepared, nullptr},
    {"pp-ocr", "document", LoadGroup::kMedia, kOnnx, load_pp_ocr, nullptr, nullptr, nullptr},
    {"silero", "voice", LoadGroup::kMedia, kOnnx, load_silero, nullptr, nullptr, nullptr},
    {"smart-turn", "turn", LoadGroup::kMedia, kOnnx, load_smart_turn, nullptr, nullptr, nullptr},
};

}  // namespace

Workshop::Workshop(const config::Loaded& loaded, int cores)
    : loaded_(loaded),
      artefacts_(loaded.folders.artefacts()),
      verifier_(loaded.folders),
      threads_(loaded.config().compute.threads > 0 ? loaded.config().compute.threads : cores) {}

std::filesystem::path Workshop::onnxruntime_path() const {
  return engines::onnx::find_ort_library(loaded_.config().compute.onnxruntime);
}

base::Result<std::shared_ptr<const engines::onnx::OrtLibrary>> Workshop::ensure_onnxruntime() {
  base::MutexLock lock(mutex_);
  if (onnxruntime_) return onnxruntime_;
  const std::filesystem::path path = onnxruntime_path();
  // A bare soname is the loader's to find. What is wrong with a path, open() says.
  if (path.is_absolute()) [[maybe_unused]]
    const auto cached = base::prefetch_if_cold(path);
  auto opened = engines::onnx::OrtLibrary::open(path, threads_);
  if (opened) onnxruntime_ = opened.value();
  return opened;
}

base::Result<store::Artefact> Workshop::find_artefact(const store::ArtefactKey& key, const std::stop_token& stop) {
  auto found = artefacts_.find(key);
  if (!found) return found;
  auto right = verifier_.check(artefacts_, *found, stop);
  if (right) return found;
  if (right.error().code == base::Code::kCancelled) return base::fail(std::move(right.error()));
  base::log_warning("{}", right.error().line());
  if (right.error().code != base::Code::kCorrupt) return base::fail(std::move(right.error()));  // it may be whole
  const auto removed = artefacts_.discard(*found, stop);
  if (!removed) base::log_warning("{}", removed.error().line());
  return base::fail(std::move(right.error()));
}

base::Result<store::Artefact> Workshop::ensure_artefact(const store::ArtefactKey& key,
                                                        const store::ArtefactBuilder& build, const Preparing& how) {
  auto found = find_artefact(key, how.stop);
  if (found || found.error().code == base::Code::kCancelled) return found;
  auto made = artefacts_.ensure(key, build, how.stop, how.alive);
  if (!made) return made;
  if (made->taken.empty()) return find_artefact(key, how.stop);  // it is another's work
  verifier_.remember(*made);
  return made;
}

Preparing preparing_for(const Loading& loading, std::string_view stage) {
  const auto alive = [&loading, stage] {
    if (loading.progress) loading.progress(0.0, stage);
  };
  return {.stop = loading.stop, .alive = alive};
}

engine::Load make_verified_load(const EngineEntry& engine, const store::ServedModel& model, Workshop& workshop) {
  return [load = engine.load, model, &workshop](const engine::LoadProgress& progress, std::stop_token stop) -> Opened {
    const auto local = store::find_local(model.spec, workshop.loaded().folders);
    if (!local) return base::fail(local.error());
    if (auto right = workshop.verifier().check(*local, progress, stop); !right) return base::fail(right.error());
    return load({model, *local, workshop, progress, stop});
  };
}

base::Result<void> prepare_served(const EngineEntry& engine, const store::ServedModel& model, Workshop& workshop,
                                  const Preparing& how) {
  if (engine.prepare == nullptr) return {};
  auto local = store::find_local(model.spec, workshop.loaded().folders);
  if (!local) return base::fail(local.error());
  if (engine.is_prepared != nullptr && engine.is_prepared(*local, workshop)) return {};
  base::log_info("{}: writing what makes the next start faster", model.spec.name);
  auto prepared = engine.prepare(*local, workshop, how);
  if (prepared) base::log_info("{}: done; the next start will be faster", model.spec.name);
  return prepared;
}

base::Result<const store::LocalFile*> need_file(const store::LocalModel& model, std::string_view name) {
  if (const store::LocalFile* file = model.file(name)) return file;
  return base::fail(base::Code::kNotFound, model.name + " has no file " + std::string(name),
                    "run: hearth models pull " + model.name);
}

std::string_view load_group_name(LoadGroup group) { return group == LoadGroup::kLanguage ? "language" : "media"; }

std::span<const EngineEntry> engine_table() { return kEngines; }

const EngineEntry* find_engine(std::string_view engine) {
  for (const EngineEntry& entry : kEngines) {
    if (entry.engine == engine) return &entry;
  }
  return nullptr;
}

base::Result<std::vector<store::ServedModel>> served_models(const config::Loaded& loaded) {
  return store::served_models(loaded.config(), loaded.folders,
                              [](std::string_view engine) { return find_engine(engine) != nullptr; });
}

}  // namespace hearth::app
