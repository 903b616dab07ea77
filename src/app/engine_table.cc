#include "app/engine_table.h"

#include <thread>

#include "app/detector_engines.h"
#include "app/kokoro_engine.h"
#include "app/llama_engine.h"
#include "app/pp_ocr_engine.h"
#include "app/prompt_prefixes.h"
#include "app/whisper_engine.h"
#include "base/files.h"

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
