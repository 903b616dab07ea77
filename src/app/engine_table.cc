#include "app/engine_table.h"

#include <thread>
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
    {"kokoro", "speech", LoadGroup::kMedia, kOnnx, make_kokoro_load, prepare_kokoro, is_kokoro_prepared},
    {"whisper", "transcription", LoadGroup::kMedia, EngineEntry::Library::kNone, make_whisper_load, prepare_whisper,
     is_whisper_prepared},
    {"llama", "language", LoadGroup::kLanguage, EngineEntry::Library::kNone, make_llama_load, prepare_prefixes,
     are_prefixes_prepared},
    {"pp-ocr", "document", LoadGroup::kMedia, kOnnx, make_pp_ocr_load, nullptr, nullptr},
    {"silero", "voice", LoadGroup::kMedia, kOnnx, make_silero_load, nullptr, nullptr},
    {"smart-turn", "turn", LoadGroup::kMedia, kOnnx, make_smart_turn_load, nullptr, nullptr},
};

int compute_threads(int configured) {
  if (configured > 0) return configured;
  const unsigned cores = std::thread::hardware_concurrency();
  return cores == 0 ? 1 : static_cast<int>(cores);
}

}  // namespace

Workshop::Workshop(const config::Loaded& loaded)
    : loaded_(loaded),
      artefacts_(loaded.folders.artefacts()),
      verifier_(loaded.folders),
      threads_(compute_threads(loaded.config().compute.threads)) {}

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

base::Result<store::Artefact> Workshop::find_artefact(const store::ArtefactKey& key) {
  auto found = artefacts_.find(key);
  if (!found) return found;
  auto right = verifier_.check(artefacts_, *found);
  if (right) return found;
  base::log_warning("{}", right.error().line());
  const auto removed = artefacts_.remove({key, found->folder, found->size, false});
  if (!removed) base::log_warning("{}", removed.error().line());
  return base::fail(std::move(right.error()));
}

base::Result<store::Artefact> Workshop::ensure_artefact(const store::ArtefactKey& key,
                                                        const store::ArtefactBuilder& build) {
  if (auto found = find_artefact(key)) return found;
  if (auto made = artefacts_.ensure(key, build); !made) return made;
  return find_artefact(key);
}

engine::Load make_verified_load(const EngineEntry& engine, const store::ServedModel& model, Workshop& workshop) {
  return
      [load = engine.make_load(model, workshop), model, &workshop](
          const engine::LoadProgress& progress, std::stop_token stop) -> base::Result<std::unique_ptr<engine::Engine>> {
        const auto local = store::find_local(model.spec, workshop.loaded().folders);
        if (!local) return base::fail(local.error());
        if (auto right = workshop.verifier().check(*local, progress, stop); !right) return base::fail(right.error());
        return load(progress, std::move(stop));
      };
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
