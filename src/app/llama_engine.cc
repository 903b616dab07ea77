#include "app/llama_engine.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "app/prompt_prefixes.h"
#include "base/child.h"
#include "base/files.h"
#include "base/log.h"
#include "engines/llama/llama.h"
#include "engines/llama/vision_reader.h"
#include "store/verified_cache.h"

namespace hearth::app {
namespace {

using base::Code;
using base::fail;
using base::Result;
namespace llama = engines::llama;

// In the verified cache, in the place of a digest ("hearth-probe 1" in hexadecimal): this probe opened the file.
constexpr std::string_view kProbed = "6865617274682d70726f62652031000000000000000000000000000000000000";

Result<void> run_probe(const std::filesystem::path& file, const config::Folders& folders, const base::Alive& alive,
                       const std::stop_token& stop) {
  // Two loads at once may look at one file: each has a place of its own for what the probe says.
  static std::atomic<int> count{0};
  const auto why_file = folders.state / fmt::format("probe-{}-{}", ::getpid(), count++);
  auto probed = base::run_program(base::program_folder() / "hearth-probe", {file.string(), why_file.string()},
                                  base::Urgency::kForeground, stop, alive);
  const std::string why = base::read_file(why_file).value_or(std::string());
  std::error_code ignored;
  std::filesystem::remove(why_file, ignored);
  if (probed || probed.error().code != Code::kInternal) return probed;
  return fail(
      Code::kCorrupt,
      fmt::format("a trial opening of {} ended badly: {}", file.string(), why.empty() ? probed.error().message : why),
      "fetch the file again, or take another model");
}

/// Of all parts of the file.
Result<void> ensure_probed(const std::filesystem::path& first, const config::Folders& folders, const base::Alive& alive,
                           const std::stop_token& stop) {
  const auto summary = llama::check_gguf_file(first, llama::GgufDepth::kWhole);
  if (!summary) return fail(summary.error());
  store::VerifiedCache known = store::VerifiedCache::load(folders);
  bool are_known = true;
  const auto parts = llama::gguf_parts(first, summary->split_count);
  for (const auto& part : parts) {
    const auto identity = store::identify(part);
    if (!identity) return fail(identity.error());
    // Beside the file's own entry, if it has one: it may be a pulled model under another name.
    const std::filesystem::path entry = part.string() + ".probed";
    are_known = are_known && known.contains(entry, *identity, kProbed);
    known.remember(entry, *identity, kProbed);
  }
  if (are_known) return {};
  if (auto probed = run_probe(first, folders, alive, stop); !probed) return probed;
  // Where it cannot be written down the next start looks again.
  if (const auto saved = known.save(); !saved) base::log_warning("{}", saved.error().line());
  return {};
}

Result<std::unique_ptr<engine::Engine>> load_llama(const store::ServedModel& served, Workshop& workshop,
                                                   const engine::LoadProgress& progress, const std::stop_token& stop) {
  const auto model = store::find_local(served.spec, workshop.loaded().folders);
  if (!model) return fail(model.error());
  const auto file = find_gguf(*model);
  if (!file) return fail(file.error());
  auto options = llama_options(*model, workshop);
  if (!options) return fail(options.error());
  const bool sees = !options->projector.empty();
  if (served.spec.kind == config::ModelKind::kOcr && !sees) {
    return fail(Code::kInvalidArgument, model->name + " is to read documents, but has no projector to see them with",
                "name the projector's GGUF file as its projector in hearth.toml");
  }
  std::vector<std::filesystem::path> strange;
  if (file->sha256.empty()) strange.push_back(file->path);
  if (sees) strange.push_back(options->projector);
  const auto alive = [&progress] {
    if (progress) progress(0.0, "probe");
  };
  if (!strange.empty()) alive();
  for (const auto& path : strange) {
    if (auto ok = ensure_probed(path, workshop.loaded().folders, alive, stop); !ok) return fail(ok.error());
  }
  options->prefixes = prefix_sources(*model, *options, workshop);
  auto engine = llama::open_llama(*options, progress, stop);
  if (!engine || !sees) return engine;
  return llama::make_vision_reader(std::move(*engine), served.config.prompt);
}

}  // namespace

engine::Load make_llama_load(const store::ServedModel& model, Workshop& workshop) {
  return [model, &workshop](const engine::LoadProgress& progress, std::stop_token stop) {
    return load_llama(model, workshop, progress, stop);
  };
}

Result<store::LocalFile> find_gguf(const store::LocalModel& model) {
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
