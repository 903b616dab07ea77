#include "cli/doctor_models.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/catalog.h"
#include "app/kept_measures.h"
#include "app/known_answers.h"
#include "model/budget.h"
#include "model/options.h"

namespace hearth::cli {
namespace {

constexpr base::Bytes kDiskSample{32 << 20};
constexpr double kSlowReading = 5;  // seconds

using Served = std::vector<store::ServedModel>;

base::Result<Served> models_to_look_at(const config::Loaded& loaded) {
  auto served = app::served_models(loaded);
  if (!served || loaded.resolved.origin("server.models").kind != config::Origin::Kind::kFlag) return served;
  const std::vector<std::string>& named = loaded.config().server.models;
  std::erase_if(
      *served, [&](const store::ServedModel& one) { return std::ranges::find(named, one.config.name) == named.end(); });
  return served;
}

/// What the server would expect a load to take: what earlier starts measured, or its estimate.
model::Budget make_budget(const model::Catalog& catalog, const config::Folders& folders) {
  const model::RegistryOptions options{};
  return {options.budget, options.estimate_factor, app::load_measures(app::measures_path(folders.state), catalog)};
}

/// Bytes a second of reading `path` from the disk itself; zero where that cannot be measured.
double disk_speed(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ::posix_fadvise(fd, 0, kDiskSample.count, POSIX_FADV_DONTNEED);
  std::vector<char> block(1 << 20);
  std::int64_t total = 0;
  const auto begin = std::chrono::steady_clock::now();
  while (total < kDiskSample.count) {
    const ssize_t n = ::read(fd, block.data(), block.size());
    if (n <= 0) break;
    total += n;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  ::close(fd);
  return seconds > 0 ? static_cast<double>(total) / seconds : 0;
}

/// What the models that load at the start come to.
struct AtStart {
  base::Bytes memory{0};
  base::Bytes files{0};
  store::LocalFile largest;
};

void look_at_disk(const AtStart& start, Findings& findings) {
  const double speed = start.files.count == 0 ? 0 : disk_speed(start.largest.path);
  if (speed <= 0) return;
  const double seconds = static_cast<double>(start.files.count) / speed;
  char text[120];
  std::snprintf(text, sizeof text, "reads %.0f MB/s: a cold start spends %.1f s on the files of its models",
                speed / 1e6, seconds);
  const bool is_slow = seconds > kSlowReading;
  findings.push_back({is_slow ? Health::kWarning : Health::kGood, "disk", text,
                      is_slow ? "put the cache folder on a faster disk" : ""});
}

void look_at_memory(const AtStart& start, const startup::Hardware& hardware, Findings& findings) {
  if (start.memory.count == 0) return;
  const bool fits = start.memory < hardware.memory_available;
  char text[120];
  std::snprintf(text, sizeof text, "models that load at the start need about %.0f MiB, %.0f MiB are available",
                start.memory.mib(), hardware.memory_available.mib());
  findings.push_back({fits ? Health::kGood : Health::kBad, "memory", text,
                      fits ? "" : "load fewer models, or set load = \"on_demand\""});
}

/// What a single core means for a model of this kind; null for those that are done in a few milliseconds on any.
const char* with_one_core(config::ModelKind kind) {
  switch (kind) {
    case config::ModelKind::kTts:
      return "speech may falter while anything else is computed";
    case config::ModelKind::kStt:
      return "transcription takes up to twice as long";
    case config::ModelKind::kLlm:
      return "prompts are read at about half the speed";
    case config::ModelKind::kOcr:
      return "a page takes up to twice as long to read";
    case config::ModelKind::kVad:
    case config::ModelKind::kTurn:
      return nullptr;
  }
  return nullptr;
}

void look_at_cores(const Served& served, const startup::Hardware& hardware, Findings& findings) {
  if (hardware.cores >= 2) return;
  std::vector<std::string_view> told;
  for (const store::ServedModel& model : served) {
    const char* what = with_one_core(model.spec.kind);
    if (what != nullptr && std::ranges::find(told, what) == told.end()) told.emplace_back(what);
  }
  if (told.empty()) return;
  std::string text = "one core: ";
  for (const std::string_view what : told) text.append(what == told.front() ? "" : ", ").append(what);
  findings.push_back({Health::kWarning, "cores", text, "give the machine or container two cores"});
}

/// In the background, after the first load: at the start, or when it is first asked for.
std::string how_a_server_prepares(config::Load load) {
  return load == config::Load::kOnDemand ? " (or ask a server for it once)" : " (or start the server once)";
}

}  // namespace

void look_at_models(app::Workshop& workshop, const startup::Hardware& hardware, Findings& findings) {
  const auto served = models_to_look_at(workshop.loaded());
  if (!served) {
    findings.push_back({Health::kBad, "models", served.error().message, served.error().remedy});
    return;
  }
  const auto catalog = app::make_catalog(*served, workshop, {});
  if (!catalog) {
    findings.push_back({Health::kBad, "models", catalog.error().message, catalog.error().remedy});
    return;
  }
  const model::Budget budget = make_budget(*catalog, workshop.loaded().folders);
  AtStart start;
  bool any = false;
  for (const store::ServedModel& model : *served) {
    const app::EngineEntry* engine = app::find_engine(model.spec.engine);
    if (engine == nullptr) continue;
    any = true;
    auto local = store::find_local(model.spec, workshop.loaded().folders);
    if (!local) {
      findings.push_back({Health::kBad, model.spec.name, local.error().message, local.error().remedy});
      continue;
    }
    const bool is_prepared = engine->is_prepared == nullptr || engine->is_prepared(*local, workshop);
    findings.push_back(
        {is_prepared ? Health::kGood : Health::kWarning, model.spec.name,
         std::string("here, ") + (is_prepared ? "prepared for a fast start" : "not yet prepared for a fast start"),
         is_prepared ? "" : "run: hearth models pull " + model.spec.name + how_a_server_prepares(model.config.load)});
    if (model.config.load == config::Load::kOnDemand) continue;
    const auto& spec = catalog->specs()[catalog->names().at(model.spec.name)];
    start.memory += budget.need(spec.key, spec.file_bytes);
    start.files += local->size();
    for (const store::LocalFile& file : local->files) {
      if (file.identity.size > start.largest.identity.size) start.largest = file;
    }
  }
  if (!any) findings.push_back({Health::kBad, "models", "no model is here yet", "run: hearth models pull"});
  look_at_cores(*served, hardware, findings);
  look_at_disk(start, findings);
  look_at_memory(start, hardware, findings);
}

void ask_models(app::Workshop& workshop, Findings& findings) {
  const auto served = models_to_look_at(workshop.loaded());
  if (!served) return;  // said already
  for (const store::ServedModel& model : *served) {
    const app::EngineEntry* engine = app::find_engine(model.spec.engine);
    if (engine == nullptr) continue;
    const auto begin = std::chrono::steady_clock::now();
    const auto ms = [&begin] { return base::to_millis(std::chrono::steady_clock::now() - begin); };
    const std::string subject = model.spec.name + " live";
    auto loaded = app::make_verified_load(*engine, model, workshop)([](double, std::string_view) {}, {});
    if (!loaded) {
      findings.push_back({Health::kBad, subject, "does not load: " + loaded.error().message, loaded.error().remedy});
      continue;
    }
    const double load_ms = ms();
    const auto answer = app::ask_known(**loaded, {});
    if (!answer) {
      findings.push_back({Health::kBad, subject, answer.error().message, answer.error().remedy});
      continue;
    }
    char text[400];
    std::snprintf(text, sizeof text, "loaded in %.0f ms, %s in %.0f ms", load_ms, answer->c_str(), ms() - load_ms);
    findings.push_back({Health::kGood, subject, text, {}});
  }
}

}  // namespace hearth::cli
