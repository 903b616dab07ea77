#include "app/llama_engine.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/prompt_prefixes.h"
#include "base/child.h"
#include "base/environment.h"
#include "base/files.h"
#include "base/log.h"
#include "engines/llama/llama.h"
#include "engines/llama/probe_limits.h"
#include "engines/llama/vision_reader.h"
#include "store/digest.h"
#include "store/verified_cache.h"

namespace hearth::app {
namespace {

using base::Code;
using base::fail;
using base::Result;
namespace llama = engines::llama;

constexpr std::string_view kProbe = "hearth-probe 2";

/// `size`: of all files that are opened.
Result<void> run_probe(const llama::LlamaOptions& options, base::Bytes size, const config::Folders& folders,
                       const base::Alive& alive, const std::stop_token& stop) {
  // Two loads at once may look at one file: each has a place of its own for what the probe says.
  static std::atomic<int> count{0};
  const auto why_file = folders.state / fmt::format("probe-{}-{}", ::getpid(), count++);
  std::vector<std::string> words = {options.model.string(), why_file.string(), std::to_string(options.threads)};
  std::string what = options.model.string();
  if (!options.projector.empty()) {
    words.push_back(options.projector.string());
    what += " with the projector " + options.projector.string();
  }
  const auto sight = options.projector.empty() ? llama::ProbeSight::kBlind : llama::ProbeSight::kSeeing;
  auto probed = base::run_program(base::program_folder() / "hearth-probe", words,
                                  {.stop = stop,
                                   .alive = alive,
                                   .limit = llama::probe_limits(size, sight).wall,
                                   .environment = base::short_environment()});
  const std::string why = base::read_file(why_file).value_or(std::string());
  std::error_code ignored;
  std::filesystem::remove(why_file, ignored);
  if (probed || probed.error().code != Code::kInternal) return probed;
  return fail(Code::kCorrupt,
              fmt::format("a trial opening of {} ended badly: {}", what, why.empty() ? probed.error().message : why),
              "fetch the file again, or take another model");
}

Result<void> check_headers(const llama::LlamaOptions& options, llama::GgufDepth depth) {
  if (const auto model = llama::check_gguf_file(options.model, depth); !model) return fail(model.error());
  if (options.projector.empty()) return {};
  const auto projector = llama::check_gguf_file(options.projector, depth);
  return projector ? Result<void>{} : fail(projector.error());
}

/// That these files as they are now were opened on trial, as the verified cache keeps it.
struct Verdict {
  std::filesystem::path entry;
  store::FileIdentity identity;
  std::string digest;  // of the identities of all files that were opened together
  base::Bytes size{};  // of all of them
};

Result<Verdict> verdict_on(const llama::LlamaOptions& options) {
  const auto summary = llama::check_gguf_file(options.model, llama::GgufDepth::kShape);
  if (!summary) return fail(summary.error());
  auto files = llama::gguf_parts(options.model, summary->split_count);
  // Beside the file's own entry, if it has one: it may be a pulled model under another name. The verdict on a model
  // with its projector stands under the same path spelled otherwise, so that the one on the model alone has its place.
  Verdict verdict{options.model, {}, {}, {}};
  if (!options.projector.empty()) {
    files.push_back(options.projector);
    verdict.entry = options.model.parent_path() / "." / options.model.filename();
  }
  verdict.entry += store::kTrialEntry;
  std::string all(kProbe);
  for (const auto& file : files) {
    const auto identity = store::identify(file);
    if (!identity) return fail(identity.error());
    if (file == options.model) verdict.identity = *identity;
    verdict.size += base::Bytes{identity->size};
    all += '\n' + identity->text() + ' ' + file.string();
  }
  verdict.digest = store::sha256_of(all);
  return verdict;
}

/// Files of our manifest were compared with its digests before this load (make_verified_load), and are not tried out;
/// neither are those that were once tried and have not changed. A digest of the user's own says whose bytes they are,
/// not that they are sound, and no manifest knows a projector.
Result<void> ensure_tried(const store::LocalModel& model, const llama::LlamaOptions& options,
                          const config::Folders& folders, const engine::LoadProgress& progress,
                          const std::stop_token& stop) {
  const auto is_known = [](const store::LocalFile& file) { return store::is_builtin_file(file.sha256); };
  if (options.projector.empty() && std::ranges::all_of(model.files, is_known)) return {};
  store::VerifiedCache known = store::VerifiedCache::load(folders);
  const auto verdict = verdict_on(options);
  if (!verdict) return fail(verdict.error());
  if (known.contains(verdict->entry, verdict->identity, verdict->digest)) return {};
  const auto alive = [&progress] {
    if (progress) progress(0.0, "probe");
  };
  alive();
  if (auto sound = check_headers(options, llama::GgufDepth::kWhole); !sound) return sound;
  if (auto probed = run_probe(options, verdict->size, folders, alive, stop); !probed) return probed;
  known.remember(verdict->entry, verdict->identity, verdict->digest);
  // Where it cannot be written down the next start looks again.
  if (const auto saved = known.save(); !saved) base::log_warning("{}", saved.error().line());
  return {};
}

}  // namespace

Opened load_llama(const Loading& loading) {
  const auto& [served, model, workshop, progress, stop] = loading;
  auto options = llama_options(model, workshop);
  if (!options) return fail(options.error());
  const bool sees = !options->projector.empty();
  if (served.spec.kind == config::ModelKind::kOcr && !sees) {
    return fail(Code::kInvalidArgument, model.name + " is to read documents, but has no projector to see them with",
                "name the projector's GGUF file as its projector in hearth.toml");
  }
  if (auto tried = ensure_tried(model, *options, workshop.loaded().folders, progress, stop); !tried)
    return fail(tried.error());
  options->prefixes = prefix_sources(model, *options, workshop);
  auto engine = llama::open_llama(*options, progress, stop);
  if (!engine || !sees) return engine;
  return llama::make_vision_reader(std::move(*engine), served.config.prompt);
}

Result<store::LocalFile> find_gguf(const store::LocalModel& model) {
  if (model.files.size() == 1) return model.files.front();
  for (const store::LocalFile& file : model.files) {
    if (file.path.extension() == ".gguf" && file.name.find("mmproj") == std::string::npos) return file;
  }
  return fail(Code::kNotFound, model.name + " has no GGUF file", "name one as its path, or pull a known model");
}

Result<llama::LlamaOptions> llama_options(const store::LocalModel& model, const Workshop& workshop) {
  const auto file = find_gguf(model);
  if (!file) return fail(file.error());
  config::Model set;  // a model that the configuration does not mention
  for (const config::Model& entry : workshop.loaded().config().models) {
    if (entry.name == model.name) set = entry;
  }
  llama::LlamaOptions options;
  options.name = model.name;
  options.model = file->path;
  options.projector = set.projector;
  options.context = set.ctx;
  options.slots = set.slots;
  options.threads = set.threads > 0 ? set.threads : workshop.threads();
  options.prompt_cache = set.prompt_cache;
  options.check = llama::GgufDepth::kShape;
  return options;
}

}  // namespace hearth::app
