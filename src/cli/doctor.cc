// hearth doctor: what is missing on this machine and how to mend it; what the machine has against what the models need.

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "app/engine_table.h"
#include "app/known_answers.h"
#include "audio/decoder.h"
#include "base/child.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "media/media_program.h"
#include "net/http_client.h"
#include "observe/json_writer.h"
#include "startup/hardware.h"
#include "text/espeak.h"

namespace hearth::cli {
namespace {

enum class Health { kGood, kWarning, kBad };

struct Finding {
  Health health = Health::kGood;
  std::string subject;
  std::string text;
  std::string remedy;
};

using Findings = std::vector<Finding>;

/// A model's files become this many times their size in memory, by what was measured.
constexpr double kMemoryFactor = 2.0;
constexpr base::Bytes kDiskSample{32 << 20};

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

void look_at_machine(const startup::Hardware& hardware, Findings& findings) {
  findings.push_back({Health::kGood, "machine", startup::hardware_line(hardware), {}});
  if (hardware.cores < 2) {
    findings.push_back({Health::kWarning, "cores", "one core: speech is made slower than it is heard",
                        "give the machine or container two cores"});
  }
}

void look_at_libraries(app::Workshop& workshop, Findings& findings) {
  if (auto library = workshop.ensure_onnxruntime()) {
    findings.push_back(
        {Health::kGood, "onnxruntime", (*library)->version() + " at " + workshop.onnxruntime_path().string(), {}});
  } else {
    findings.push_back({Health::kBad, "onnxruntime", library.error().message, library.error().remedy});
  }
  if (auto espeak = text::EspeakFallback().open()) {
    findings.push_back({Health::kGood, "espeak-ng", "found: unknown words and eight more languages are spoken", {}});
  } else {
    findings.push_back({Health::kWarning, "espeak-ng",
                        espeak.error().message + "; English only, unknown words are spelled", espeak.error().remedy});
  }
  if (const auto decoder = audio::check_decoder()) {
    findings.push_back({Health::kGood, "sound files", "libsndfile and libsoxr found: sound can be transcribed", {}});
  } else {
    findings.push_back({Health::kWarning, "sound files", decoder.error().message, decoder.error().remedy});
  }
  for (const auto& [part, found] : media::MediaProgram().check().parts) {
    const std::string subject = part + " by media";
    if (found) {
      findings.push_back({Health::kGood, subject, "read by " + *found, {}});
    } else {
      findings.push_back({Health::kWarning, subject, "not read: " + found.error().message, found.error().remedy});
    }
  }
  for (const char* program : {"hearth-fetch", "hearth-graph"}) {
    std::error_code ec;
    if (!std::filesystem::exists(base::program_folder() / program, ec)) {
      findings.push_back({Health::kBad, program, "is not beside this program", "run: make build"});
    }
  }
}

void look_at_folders(const config::Folders& folders, Findings& findings) {
  for (const auto& [name, folder] :
       {std::pair{"cache folder", folders.cache}, std::pair{"state folder", folders.state}}) {
    std::error_code ec;
    std::filesystem::create_directories(folder, ec);
    if (ec || ::access(folder.c_str(), W_OK) != 0) {
      findings.push_back({Health::kBad, name, folder.string() + " cannot be written",
                          "mend its owner or mode, or set XDG_CACHE_HOME and XDG_STATE_HOME"});
      continue;
    }
    const auto space = std::filesystem::space(folder, ec);
    const base::Bytes free{ec ? 0 : static_cast<std::int64_t>(space.available)};
    const bool is_low = free < base::Bytes{std::int64_t{1} << 30};
    findings.push_back({is_low ? Health::kWarning : Health::kGood, name,
                        folder.string() + ", " + std::to_string(free.count >> 30) + " GiB free",
                        is_low ? "free some space: a model and its artefacts take up to 1 GiB" : ""});
  }
}

void look_at_models(app::Workshop& workshop, const startup::Hardware& hardware, Findings& findings) {
  const config::Loaded& loaded = workshop.loaded();
  auto served = app::served_models(loaded);
  if (!served) {
    findings.push_back({Health::kBad, "models", served.error().message, served.error().remedy});
    return;
  }
  base::Bytes need{0};
  bool any = false;
  for (const store::ServedModel& model : *served) {
    const app::EngineEntry* engine = app::find_engine(model.spec.engine);
    if (engine == nullptr) continue;
    any = true;
    auto local = store::find_local(model.spec, loaded.folders);
    if (!local) {
      findings.push_back({Health::kBad, model.spec.name, local.error().message, local.error().remedy});
      continue;
    }
    const base::Bytes bytes{static_cast<std::int64_t>(static_cast<double>(local->size().count) * kMemoryFactor)};
    if (model.config.load != config::Load::kOnDemand) need += bytes;
    const bool is_prepared = engine->is_prepared == nullptr || engine->is_prepared(*local, workshop);
    findings.push_back(
        {is_prepared ? Health::kGood : Health::kWarning, model.spec.name,
         std::string("here, ") + (is_prepared ? "prepared for a fast start" : "not yet prepared for a fast start"),
         is_prepared ? "" : "run: hearth models pull " + model.spec.name + " (or start the server once)"});
    const double speed = local->files.empty() ? 0 : disk_speed(local->files.front().path);
    if (speed > 0) {
      const double seconds = static_cast<double>(local->size().count) / speed;
      char text[120];
      std::snprintf(text, sizeof text, "reads %.0f MB/s: a cold start of %s spends %.1f s on its files", speed / 1e6,
                    model.spec.name.c_str(), seconds);
      findings.push_back({seconds > 5 ? Health::kWarning : Health::kGood, "disk", text,
                          seconds > 5 ? "put the cache folder on a faster disk" : ""});
    }
  }
  if (!any) findings.push_back({Health::kBad, "models", "no model is here yet", "run: hearth models pull"});
  if (need.count > 0) {
    const bool fits = need < hardware.memory_available;
    char text[120];
    std::snprintf(text, sizeof text, "models that load at the start need about %.0f MiB, %.0f MiB are available",
                  need.mib(), hardware.memory_available.mib());
    findings.push_back({fits ? Health::kGood : Health::kBad, "memory", text,
                        fits ? "" : "load fewer models, or set load = \"on_demand\""});
  }
}

void look_at_port(const config::Server& server, Findings& findings) {
  net::ClientRequest request;
  request.host = server.host == "localhost" ? "127.0.0.1" : server.host;
  request.port = static_cast<std::uint16_t>(server.port);
  request.target = "/livez";
  request.connect_time = base::Millis{300};
  request.silence_time = base::Millis{1000};
  const std::string where = request.host + ":" + std::to_string(server.port);
  const auto answer = net::fetch(request);
  if (!answer && answer.error().code == base::Code::kUnavailable) {
    findings.push_back({Health::kGood, "port", where + " is free", {}});
  } else if (answer && answer->status == 200) {
    findings.push_back({Health::kGood, "port", "a server answers at " + where, {}});
  } else {
    findings.push_back(
        {Health::kWarning, "port", where + " is taken by something else", "choose another: hearth serve --port N"});
  }
}

/// Loads each model that is configured and here, asks it one thing, and lets it go again.
void ask_models(app::Workshop& workshop, Findings& findings) {
  auto served = app::served_models(workshop.loaded());
  if (!served) return;  // said already
  for (const store::ServedModel& model : *served) {
    const app::EngineEntry* engine = app::find_engine(model.spec.engine);
    if (engine == nullptr) continue;
    const auto begin = std::chrono::steady_clock::now();
    const auto ms = [&begin] { return base::to_millis(std::chrono::steady_clock::now() - begin); };
    const std::string subject = model.spec.name + " live";
    auto loaded = engine->make_load(model, workshop)([](double, std::string_view) {}, {});
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

const char* word(Health health) {
  return health == Health::kGood ? "ok" : health == Health::kWarning ? "warning" : "bad";
}

void print_json(const Findings& findings) {
  observe::JsonWriter json;
  json.begin_object().key("findings").begin_array();
  for (const Finding& finding : findings) {
    json.begin_object().member("health", word(finding.health)).member("subject", finding.subject);
    json.member("text", finding.text).member("remedy", finding.remedy).end_object();
  }
  std::puts(json.end_array().end_object().take().c_str());
}

void print_lines(const Findings& findings) {
  for (const Finding& finding : findings) {
    std::printf("%-8s %-14s %s\n", word(finding.health), finding.subject.c_str(), finding.text.c_str());
    if (!finding.remedy.empty()) std::printf("%-8s %-14s -> %s\n", "", "", finding.remedy.c_str());
  }
}

}  // namespace

int run_doctor(int argc, char** argv) {
  CLI::App cli(
      "Say what is missing on this machine and how to mend it. Exit code 1 when something has to be mended first.",
      "hearth doctor");
  ConfigFlags flags(cli);
  bool as_json = false;
  bool live = false;
  flags.add_value(cli, "--models", "server.models", "Look at these models: a,b,c");
  cli.add_flag("--live", live, "Load each model and ask it one thing whose answer is known");
  cli.add_flag("--json", as_json, "Print JSON");
  if (const auto code = parse(cli, argc, argv)) return *code;
  auto loaded = flags.load();
  if (!loaded) return complain("doctor", loaded.error());
  app::Workshop workshop(*loaded);
  const startup::Hardware hardware = startup::probe_hardware();
  Findings findings;
  look_at_machine(hardware, findings);
  look_at_libraries(workshop, findings);
  look_at_folders(loaded->folders, findings);
  look_at_models(workshop, hardware, findings);
  look_at_port(loaded->config().server, findings);
  if (live) ask_models(workshop, findings);
  as_json ? print_json(findings) : print_lines(findings);
  for (const Finding& finding : findings) {
    if (finding.health == Health::kBad) return 1;
  }
  return 0;
}

}  // namespace hearth::cli
