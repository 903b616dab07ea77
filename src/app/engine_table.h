#pragma once

// The engines of this build, in one explicit list: adding one is a folder in engines/, the file here that finds its
// model's files and opens it, and an entry in engine_table.cc (docs/decisions/0013). Nothing registers itself.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "app/verifier.h"
#include "base/child.h"
#include "base/mutex.h"
#include "base/result.h"
#include "config/load.h"
#include "engine/engine.h"
#include "engines/onnx/ort_library.h"
#include "startup/hardware.h"
#include "store/artefact_cache.h"
#include "store/local_model.h"
#include "store/served_models.h"

namespace hearth::app {

/// Sounds that are transcribed at once, by each model and by all of them together: one uses every core.
inline constexpr int kSoundsAtOnce = 2;

/// How an artefact is to be made.
struct Preparing {
  base::Urgency urgency = base::Urgency::kForeground;
  std::stop_token stop{};
  base::Alive alive{};  // may be empty
};

/// What every engine is built with. Borrowed; outlives all of them.
class Workshop {
 public:
  /// `cores`: what this process may use, affinity and a container's quota counted.
  explicit Workshop(const config::Loaded& loaded, int cores = startup::probe_hardware().cores);
  [[nodiscard]] const config::Loaded& loaded() const { return loaded_; }
  [[nodiscard]] const store::ArtefactCache& artefacts() const { return artefacts_; }
  [[nodiscard]] Verifier& verifier() { return verifier_; }
  /// artefacts().find() of one whose every byte was verified once. A damaged one is removed, and not found.
  [[nodiscard]] base::Result<store::Artefact> find_artefact(const store::ArtefactKey& key,
                                                            const std::stop_token& stop = {});
  /// artefacts().ensure(), likewise: a damaged one is made again. `how` is for the wait for another builder; `build`
  /// has to obey it by itself. What was just made is not read again.
  [[nodiscard]] base::Result<store::Artefact> ensure_artefact(const store::ArtefactKey& key,
                                                              const store::ArtefactBuilder& build,
                                                              const Preparing& how = {});
  /// Compute tokens for one engine call: the configuration's, or as many as cores.
  [[nodiscard]] int threads() const { return threads_; }
  /// ONNX Runtime, opened by the first who asks; the others wait for that. Blocks.
  [[nodiscard]] base::Result<std::shared_ptr<const engines::onnx::OrtLibrary>> ensure_onnxruntime() EXCLUDES(mutex_);
  /// Where ONNX Runtime is, without opening it.
  [[nodiscard]] std::filesystem::path onnxruntime_path() const;

 private:
  const config::Loaded& loaded_;
  const store::ArtefactCache artefacts_;
  Verifier verifier_;
  const int threads_;
  base::Mutex mutex_;
  std::shared_ptr<const engines::onnx::OrtLibrary> onnxruntime_ GUARDED_BY(mutex_);
};

/// Models whose loads are capped together: how many at once app.cc says.
enum class LoadGroup { kMedia, kLanguage };
[[nodiscard]] std::string_view load_group_name(LoadGroup group);  // "media", "language"

/// One load under way: which model, its files as they were compared with their digests, and whom to tell.
struct Loading {
  const store::ServedModel& served;
  const store::LocalModel& model;
  Workshop& workshop;
  const engine::LoadProgress& progress;  // may be empty
  const std::stop_token& stop;
};
using Opened = base::Result<std::unique_ptr<engine::Engine>>;

/// For what a load makes on its way: it ends with the load, and tells by `stage` (a literal) that it lives. `loading`
/// outlives it.
[[nodiscard]] Preparing preparing_for(const Loading& loading, std::string_view stage);

struct EngineEntry {
  std::string_view engine;  // as the manifest names it
  std::string_view kind;    // for people and metrics
  LoadGroup group = LoadGroup::kMedia;
  enum class Library { kNone, kOnnxRuntime };
  Library library = Library::kNone;  // opened beside other starts, before the model is
  /// Opens the model. Blocks; the errors are engine::Load's.
  Opened (*load)(const Loading& loading);
  /// What makes the next start of `model` faster; does nothing when it is there already. Blocks for seconds; kCancelled
  /// soon after its stop. May be null.
  base::Result<void> (*prepare)(const store::LocalModel& model, Workshop& workshop, const Preparing& how);
  /// Whether prepare() has anything to do. Cheap. May be null.
  bool (*is_prepared)(const store::LocalModel& model, Workshop& workshop);
  /// What of the configuration only this engine can judge: kInvalidArgument names the setting. May be null.
  base::Result<void> (*check)(const config::Loaded& loaded);
};

/// The engine's load, of files that are what the manifest says. Cheap: nothing is read before it is called.
[[nodiscard]] engine::Load make_verified_load(const EngineEntry& engine, const store::ServedModel& model,
                                              Workshop& workshop);

/// What the engine prepares for `model`, where something of it is missing: says so in the log, and when it is done.
/// Blocks; the errors are EngineEntry::prepare's and store::find_local's.
[[nodiscard]] base::Result<void> prepare_served(const EngineEntry& engine, const store::ServedModel& model,
                                                Workshop& workshop, const Preparing& how);

/// The model's file of that name. kNotFound says how to pull it.
[[nodiscard]] base::Result<const store::LocalFile*> need_file(const store::LocalModel& model, std::string_view name);

[[nodiscard]] std::span<const EngineEntry> engine_table();
/// Null when this build has no such engine.
[[nodiscard]] const EngineEntry* find_engine(std::string_view engine);
/// What a server with this configuration serves, as far as these engines can run it.
[[nodiscard]] base::Result<std::vector<store::ServedModel>> served_models(const config::Loaded& loaded);

}  // namespace hearth::app
