// hearth doctor: what is missing on this machine and how to mend it; what the machine has against what the models need.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "app/engine_table.h"
#include "audio/alsa_library.h"
#include "audio/decoder.h"
#include "base/child.h"
#include "cli/completion_words.h"
#include "cli/doctor_findings.h"
#include "cli/doctor_models.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "image/tiff_library.h"
#include "media/media_program.h"
#include "net/http_client.h"
#include "net/resolve.h"
#include "observe/json_writer.h"
#include "startup/hardware.h"
#include "store/fetch_program.h"
#include "text/espeak.h"

namespace hearth::cli {
namespace {

void look_at_libraries(app::Workshop& workshop, Findings& findings) {
  if (auto library = workshop.ensure_onnxruntime()) {
    findings.push_back(
        {Health::kGood, "onnxruntime", (*library)->version() + " at " + workshop.onnxruntime_path().string(), {}});
  } else {
    findings.push_back({Health::kBad, "onnxruntime", library.error().message, library.error().remedy});
  }
  if (auto espeak = text::EspeakFallback().open()) {
    findings.push_back({Health::kGood, "espeak-ng", "found: unknown words and seven more languages are spoken", {}});
  } else {
    findings.push_back({Health::kWarning, "espeak-ng",
                        espeak.error().message + "; English only, unknown words are spelled", espeak.error().remedy});
  }
  if (const auto decoder = audio::check_decoder()) {
    findings.push_back({Health::kGood, "sound files", "libsndfile and libsoxr found: sound can be transcribed", {}});
  } else {
    findings.push_back({Health::kWarning, "sound files", decoder.error().message, decoder.error().remedy});
  }
  if (const auto tiff = image::open_tiff_library()) {
    findings.push_back({Health::kGood, "TIFF", "libtiff found: TIFF pages can be read", {}});
  } else {
    findings.push_back({Health::kWarning, "TIFF", tiff.error().message, tiff.error().remedy});
  }
  const bool has_sound_card_library = audio::open_alsa_library().has_value();  // a server does well without
  findings.push_back({Health::kGood,
                      "loudspeaker",
                      has_sound_card_library
                          ? "libasound found: hearth say speaks aloud, --mic listens"
                          : "no libasound.so.2: hearth say writes files only; libasound2 is for a loudspeaker or --mic",
                      {}});
  for (const auto& [part, found] : media::MediaProgram().check().parts) {
    const std::string subject = part + " by media";
    if (found) {
      findings.push_back({Health::kGood, subject, "read by " + *found, {}});
    } else {
      findings.push_back({Health::kWarning, subject, "not read: " + found.error().message, found.error().remedy});
    }
  }
}

/// The programs that this one starts, besides hearth-media, which was tried above.
struct Helper {
  const char* program;
  const char* purpose;
};
constexpr Helper kHelpers[] = {
    {"hearth-graph", "kokoro's fast start needs it"},
    {"hearth-probe", "language models of your own need it: it opens them on trial"},
    {"hearth-prefix", "[[prefix]] needs it: it reads the prompts beforehand"},
};

/// hearth-fetch has libraries and clients of its own, so it is tried.
void look_at_fetching(Findings& findings) {
  constexpr const char* kSubject = "hearth-fetch";
  const auto missing = store::check_fetch_program();
  if (!missing) {
    const bool is_there = missing.error().code != base::Code::kNotFound;
    findings.push_back({Health::kBad, kSubject,
                        (is_there ? missing.error().message : "is not beside this program") +
                            std::string("; hearth models pull needs it"),
                        missing.error().remedy});
  } else if (missing->empty()) {
    findings.push_back({Health::kGood, kSubject, "starts, and finds pip and npm: models can be pulled", {}});
  } else {
    for (const std::string& what : *missing) {
      findings.push_back({Health::kWarning, kSubject, "some models cannot be pulled: " + what, {}});
    }
  }
}

void look_at_helpers(Findings& findings) {
  look_at_fetching(findings);
  for (const Helper& helper : kHelpers) {
    if (::access((base::program_folder() / helper.program).c_str(), X_OK) == 0) continue;
    findings.push_back({Health::kBad, helper.program, std::string("is not beside this program; ") + helper.purpose,
                        "copy it there from a build of this version; in a source tree: make build"});
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

void look_at_port(const config::Server& server, Findings& findings) {
  net::ClientRequest request;
  request.host = server.host;
  request.port = static_cast<std::uint16_t>(server.port);
  request.target = "/livez";
  request.connect_time = base::Millis{500};
  request.silence_time = base::Millis{3'000};
  const std::string where = net::authority(server.host, request.port);
  const auto answer = net::fetch(request);
  if (!answer && answer.error().code == base::Code::kUnavailable) {
    findings.push_back({Health::kGood, "port", where + " is free", {}});
  } else if (answer && answer->status == 200) {
    findings.push_back({Health::kGood, "port", "a server answers at " + where, {}});
  } else if (!answer && answer.error().code == base::Code::kNotFound) {
    findings.push_back(
        {Health::kBad, "host", answer.error().message, "mend server.host, or: hearth serve --host NAME"});
  } else {
    findings.push_back(
        {Health::kWarning, "port", where + " is taken by something else", "choose another: hearth serve --port N"});
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
  flags.add_value(cli, "--models", "server.models", "Look at these models: a,b,c")->type_name(kModelsValue);
  cli.add_flag("--live", live, "Load each model and ask it one thing whose answer is known");
  cli.add_flag("--json", as_json, "Print JSON");
  if (const auto code = parse(cli, argc, argv)) return *code;
  auto loaded = flags.load();
  if (!loaded) return complain("doctor", loaded.error());
  app::Workshop workshop(*loaded);
  const startup::Hardware hardware = startup::probe_hardware();
  Findings findings;
  findings.push_back({Health::kGood, "machine", startup::hardware_line(hardware), {}});
  look_at_libraries(workshop, findings);
  look_at_helpers(findings);
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
