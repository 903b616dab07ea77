#include "app/prompt_prefixes.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "app/llama_engine.h"
#include "base/files.h"
#include "base/log.h"
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

/// All that the state depends on. Prefixes of one name, model and setting replace one another when the text or the
/// library changes (store/cleaning.cc).
store::ArtefactKey key_of(const config::Prefix& prefix, const std::string& text, const store::LocalFile& file,
                          const llama::LlamaOptions& options) {
  std::string projector = "none";
  if (!options.projector.empty()) {
    const auto identity = store::identify(options.projector);
    projector = identity ? identity->text() : "missing";
  }
  return {.name = "prefix-" + prefix.id,
          .model_digest = file.digest_or_identity(),
          .library = fmt::format("{} text {}", llama::prefix_library(), store::sha256_of(text)),
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
  return base::run_program(base::program_folder() / "hearth-prefix", words, how.urgency, how.stop, how.alive);
}

}  // namespace

std::vector<llama::PrefixSource> prefix_sources(const store::LocalModel& model, const llama::LlamaOptions& options,
                                                const Workshop& workshop) {
  std::vector<llama::PrefixSource> sources;
  for (Wanted& wanted : wanted_of(model, options, workshop)) {
    const store::ArtefactCache& cache = workshop.artefacts();
    llama::PrefixSource source{.id = wanted.prefix->id, .find = {}, .discard = {}};
    source.discard = [&cache, key = wanted.key] {
      const auto removed = cache.remove({key, cache.root() / key.folder_name(), {}, false});
      if (!removed) base::log_warning("{}", removed.error().line());
    };
    source.find = [&cache, key = std::move(wanted.key)]() -> std::optional<fs::path> {
      const auto found = cache.find(key);
      if (!found) return std::nullopt;
      return found->file(kState);
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
    const auto made = workshop.artefacts().ensure(
        wanted.key, [&](const fs::path& folder) { return build(wanted, *options, folder, how); });
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
