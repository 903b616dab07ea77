#include "app/prompt_prefixes.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/llama_engine.h"
#include "base/child.h"
#include "base/environment.h"
#include "base/files.h"
#include "base/log.h"
#include "base/mutex.h"
#include "engines/llama/prefix_writer.h"
#include "store/digest.h"

namespace hearth::app {
namespace {

using base::fail;
using base::Result;
namespace fs = std::filesystem;
namespace llama = engines::llama;

constexpr const char* kState = "prefix.state";
constexpr base::Bytes kMaxText{4 << 20};  // more than any context takes

Result<std::string> text_of(const config::Prefix& prefix) {
  if (prefix.file.empty()) return prefix.system;
  auto text = base::read_file(prefix.file, kMaxText);
  if (!text) return fail(text.error());
  return std::move(*text);
}

/// What stands for the parts of a model but its first; empty where there is one only.
std::string further_parts(const fs::path& model) {
  const auto summary = llama::check_gguf_file(model, llama::GgufDepth::kShape);
  if (!summary) return {};  // loading the model says so
  std::string identities;
  for (const fs::path& part : llama::gguf_parts(model, summary->split_count)) {
    if (part == model) continue;
    const auto identity = store::identify(part);
    identities += ' ' + (identity ? identity->text() : "missing");
  }
  return identities.empty() ? identities : " parts " + store::sha256_of(identities);
}

/// All that the state depends on. Prefixes of one name, model and setting replace one another when the text, the
/// library or a further part of the model changes (store/cleaning.cc, which knows no more than the first of a user's
/// parts: so the others are not in model_digest).
store::ArtefactKey key_of(const config::Prefix& prefix, const std::string& text, const store::LocalFile& file,
                          const llama::LlamaOptions& options) {
  std::string projector = "none";
  if (!options.projector.empty()) {
    const auto identity = store::identify(options.projector);
    projector = identity ? identity->text() : "missing";
  }
  return {.name = "prefix-" + prefix.id,
          .model_digest = file.digest_or_identity(),
          .library = fmt::format("{} text {}{}", llama::prefix_library(), store::sha256_of(text),
                                 further_parts(options.model)),
          .cpu = fmt::format("ctx {} slots {} projector {}", options.context, options.slots, projector),
          .version = llama::kPrefixVersion};
}

/// A prefix of the configuration, with what its artefact is called.
struct Wanted {
  const config::Prefix* prefix;
  std::string text;
  store::ArtefactKey key;
};

/// Logs what cannot be read.
std::vector<Wanted> wanted_of(const store::LocalModel& model, const llama::LlamaOptions& options,
                              const Workshop& workshop) {
  std::vector<Wanted> wanted;
  const auto prefixes = config::prefixes_of(workshop.loaded().config(), model.name);
  if (prefixes.empty()) return wanted;
  const auto file = find_gguf(model);
  if (!file) return wanted;  // loading the model says so
  for (const config::Prefix* prefix : prefixes) {
    auto text = text_of(*prefix);
    if (!text) {
      base::log_warning("prefix {}: {}; chats that begin with it are read anew each time", prefix->id,
                        text.error().line());
      continue;
    }
    store::ArtefactKey key = key_of(*prefix, *text, *file, options);
    wanted.push_back({prefix, std::move(*text), std::move(key)});
  }
  return wanted;
}

Result<void> build(const Wanted& wanted, const llama::LlamaOptions& options, const fs::path& folder,
                   const Preparing& how) {
  const fs::path system = folder / "system.txt";
  if (auto written = base::write_file_atomically(system, wanted.text); !written) return written;
  std::vector<std::string> words = {options.model.string(),
                                    std::to_string(options.context),
                                    std::to_string(options.slots),
                                    std::to_string(options.threads),
                                    system.string(),
                                    (folder / kState).string()};
  if (!options.projector.empty()) words.push_back(options.projector.string());
  return base::run_program(
      base::program_folder() / "hearth-prefix", words,
      {.urgency = how.urgency, .stop = how.stop, .alive = how.alive, .environment = base::short_environment()});
}

/// What a shelf was given last: that is what it may find damaged, and not what another process has made since. Shared
/// because both functions of its source outlive the call that makes them. Any thread.
class LastFound {
 public:
  void keep(store::Artefact found) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    found_ = std::move(found);
  }
  [[nodiscard]] std::optional<store::Artefact> take() EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return std::exchange(found_, std::nullopt);
  }

 private:
  base::Mutex mutex_;
  std::optional<store::Artefact> found_ GUARDED_BY(mutex_);
};

}  // namespace

std::vector<llama::PrefixSource> prefix_sources(const store::LocalModel& model, const llama::LlamaOptions& options,
                                                const Workshop& workshop) {
  std::vector<llama::PrefixSource> sources;
  for (Wanted& wanted : wanted_of(model, options, workshop)) {
    const store::ArtefactCache& cache = workshop.artefacts();
    llama::PrefixSource source{.id = wanted.prefix->id, .find = {}, .discard = {}};
    const auto last = std::make_shared<LastFound>();
    source.discard = [&cache, last] {
      const auto found = last->take();
      if (!found) return;
      const auto removed = cache.remove({.key = found->key, .folder = found->folder, .seen = found->seen});
      if (!removed) base::log_warning("{}", removed.error().line());
    };
    source.find = [&cache, last, key = std::move(wanted.key)]() -> std::optional<fs::path> {
      auto found = cache.find(key);
      if (!found) return std::nullopt;
      fs::path state = found->file(kState);
      last->keep(std::move(*found));
      return state;
    };
    sources.push_back(std::move(source));
  }
  return sources;
}

Result<void> prepare_prefixes(const store::LocalModel& model, Workshop& workshop, const Preparing& how) {
  const auto options = llama_options(model, workshop);
  if (!options) return fail(options.error());
  Result<void> all;
  for (const Wanted& wanted : wanted_of(model, *options, workshop)) {
    const auto write = [&](const fs::path& folder) { return build(wanted, *options, folder, how); };
    const auto made = workshop.artefacts().ensure(wanted.key, write, how.stop, how.alive);
    if (!made && all) all = fail(made.error());
  }
  return all;
}

bool are_prefixes_prepared(const store::LocalModel& model, Workshop& workshop) {
  const auto options = llama_options(model, workshop);
  if (!options) return true;  // loading the model says so
  const auto all = wanted_of(model, *options, workshop);
  return std::all_of(all.begin(), all.end(),
                     [&](const Wanted& wanted) { return workshop.artefacts().find(wanted.key).has_value(); });
}

}  // namespace hearth::app
