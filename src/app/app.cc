#include "app/app.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "api/api.h"
#include "app/catalog.h"
#include "app/kept_measures.h"
#include "app/startup_tasks.h"
#include "audio/format.h"
#include "base/log.h"
#include "model/policy/load_caps.h"
#include "observe/memory.h"
#include "observe/process_metrics.h"
#include "startup/terminal_lines.h"
#include "startup/waterfall.h"
#include "store/fetch_picture.h"

namespace hearth::app {
namespace {

using base::fail;
using base::Result;

constexpr base::Millis kLastWords{5'000};
constexpr const char* kPull = "run: hearth models pull, then restart";

/// What readiness waits for: the required models, all of them; or where nothing is required, those that load at the
/// start, one of which is enough; or nothing, where all are loaded on demand. A server that says ready must be able to
/// serve something.
std::unique_ptr<startup::Readiness> make_readiness(const std::vector<store::ServedModel>& served) {
  for (const config::Load load : {config::Load::kRequired, config::Load::kPreload}) {
    std::vector<std::string> names;
    for (const store::ServedModel& model : served) {
      if (model.config.load == load) names.push_back(model.spec.name);
    }
    const auto enough = load == config::Load::kRequired ? startup::Enough::kAll : startup::Enough::kAny;
    if (!names.empty()) return std::make_unique<startup::Readiness>(std::move(names), enough);
  }
  auto readiness = std::make_unique<startup::Readiness>(served.empty() ? std::vector<std::string>{"models"}
                                                                       : std::vector<std::string>{});
  readiness->on_failed("models", {base::Code::kNotFound, "no model is here", kPull});
  return readiness;
}

bool has_failed(const startup::TaskRun& run) {
  return run.state == startup::TaskState::kFailed || run.state == startup::TaskState::kBlocked;
}

base::Error cause_of(const startup::TaskRun& run) {
  return run.error.value_or(base::Error{base::Code::kUnavailable, "its library did not open", {}});
}

base::Bytes model_budget(const config::Config& config, const startup::Hardware& hardware) {
  if (config.memory.limit.count > 0) return config.memory.limit;
  // A tenth is left to the system and to everything of ours that is no model.
  return base::Bytes{hardware.memory_available.count / 10 * 9};
}

model::LoadCaps load_caps(const model::Catalog& catalog, const model::Measures& known,
                          const startup::Hardware& hardware, const model::RegistryOptions& options) {
  std::array<model::CapGroup, 2> groups = {{{kLanguageLoads, {}}, {kMediaLoads, {}}}};
  const model::Budget budget(options.budget, options.estimate_factor, known);
  for (const model::ModelSpec& model : catalog.specs()) {
    const bool is_language = model.group == load_group_name(LoadGroup::kLanguage);
    groups[is_language ? 0 : 1].needs.push_back(budget.need(model.key, model.file_bytes));
  }
  return model::plan_load_caps(hardware.cores, std::min(hardware.memory_available, options.budget), groups);
}

audio::AudioFormat format_of(config::AudioFormat format) {
  return audio::find_format(config::name_of(format)).value_or(audio::AudioFormat::kMp3);
}

api::ApiOptions api_options(const config::Config& config, const startup::Hardware& hardware, int threads) {
  api::ApiOptions options;
  options.threads = threads;
  options.version = HEARTH_VERSION;
  options.hardware = startup::hardware_json(hardware);
  options.speech = {config.speech.voice, config.speech.language, config.speech.speed, format_of(config.speech.format),
                    static_cast<std::size_t>(config.speech.max_text.count)};
  const config::Server& server = config.server;
  options.guard = {server.host, server.allowed_hosts, server.allowed_origins, server.api_keys};
  options.max_body = static_cast<std::size_t>(server.max_body.count);
  options.max_media_body = static_cast<std::size_t>(std::max(server.max_body, server.max_media_body).count);
  options.max_upload = static_cast<std::size_t>(config.transcription.max_upload.count);
  options.max_audio = config.transcription.max_audio;
  options.max_pages = config.ocr.max_pages;
  options.image_hosts = config.language.image_hosts;
  options.max_requests = server.max_requests;
  options.max_queue = server.max_queue;
  return options;
}

/// The timeline's first entries: main is reached, and what the machine is.
startup::Hardware first_look(startup::Recorder& recorder) {
  recorder.mark("main");
  const auto span = recorder.span("hardware");
  return startup::probe_hardware();
}

net::HttpLimits http_limits(const config::Server& server) {
  net::HttpLimits limits;
  limits.header_bytes = static_cast<std::size_t>(server.max_header.count);
  limits.connections = static_cast<std::size_t>(server.max_connections);
  limits.header_time = server.header_timeout;
  limits.body_time = server.body_timeout;
  limits.idle_time = server.idle_timeout;
  limits.write_time = server.write_timeout;
  return limits;
}

}  // namespace

App::App(config::Loaded loaded, startup::ProcessStart start, ServeOptions options)
    : loaded_(std::move(loaded)),
      options_(options),
      recorder_(clock_, start, &observe::resident_memory),
      hardware_(first_look(recorder_)),
      workshop_(loaded_, hardware_.cores),
      media_({.most_at_once = loaded_.config().media.max_processes}),
      request_pool_("hearth-request", std::max(1, loaded_.config().server.max_requests)),
      language_pool_("hearth-language", std::max(1, loaded_.config().server.max_requests)),
      file_pool_("hearth-file", std::max(1, loaded_.config().media.max_processes)),
      page_pool_("hearth-pages", std::max(1, loaded_.config().media.max_processes)) {}

App::~App() { drain(); }

Result<std::unique_ptr<App>> App::make(config::Loaded loaded, startup::ProcessStart start, ServeOptions options) {
  std::unique_ptr<App> app(new App(std::move(loaded), start, options));
  if (auto chosen = app->choose_models(); !chosen) return fail(chosen.error());
  if (auto made = app->make_registry(); !made) return fail(made.error());
  return app;
}

Result<void> App::choose_models() {
  auto served = served_models(loaded_);
  if (!served) return fail(served.error());
  served_ = std::move(*served);
  return {};
}

Result<void> App::make_registry() {
  readiness_ = make_readiness(served_);
  late_preparations_ = std::make_unique<LatePreparations>(start_pool_, recorder_, make_late_jobs(workshop_, served_));
  observer_ = std::make_unique<ModelObserver>(
      metrics_, recorder_, *readiness_, [this](const std::string& model) { late_preparations_->on_loaded(model); });
  last_durations_ = startup::load_journal(startup::journal_path(loaded_.folders.state));
  auto catalog = make_catalog(served_, workshop_, last_durations_);
  if (!catalog) return fail(catalog.error());
  model::RegistryOptions options;
  options.budget = model_budget(loaded_.config(), hardware_);
  options.explain_unknown = [this](const std::string& name) -> std::optional<base::Error> {
    if (!store::find_model(loaded_.config(), name)) return std::nullopt;
    return base::Error{base::Code::kNotFound, fmt::format("the model '{}' is not here", name),
                       fmt::format("run: hearth models pull {}, then restart the server", name)};
  };
  model::Measures known = load_measures(measures_path(loaded_.folders.state), *catalog);
  const model::LoadCaps caps = load_caps(*catalog, known, hardware_, options);
  options.max_loading = caps.at_once;
  options.groups = {{std::string(load_group_name(LoadGroup::kLanguage)), {.max_loading = caps.groups[0]}},
                    {std::string(load_group_name(LoadGroup::kMedia)), {.max_loading = caps.groups[1]}}};
  const model::RegistryParts parts{.clock = clock_,
                                   .timers = timers_,
                                   .strand = strand_pool_,
                                   .loads = load_pool_,
                                   .background = background_pool_,
                                   .events = observer_.get(),
                                   .fetch = nullptr,
                                   .resident = &observe::resident_memory,
                                   .return_memory = [] { observe::return_memory_to_system(); }};
  registry_ = std::make_unique<model::Registry>(parts, options, std::move(*catalog), std::move(known));
  return {};
}

Result<void> App::listen() {
  const config::Server& server = loaded_.config().server;
  api_ = std::make_unique<api::Api>(api::Services{*registry_, *readiness_, recorder_, metrics_, clock_, request_pool_,
                                                  language_pool_, listen_pool_, read_pool_, file_pool_, page_pool_,
                                                  media_.sound_opener(), media_.page_opener(), &store::fetch_picture},
                                    api_options(loaded_.config(), hardware_, workshop_.threads()));
  net::HttpServerOptions options;
  options.host = server.host;
  options.port = static_cast<std::uint16_t>(server.port);
  options.limits = http_limits(server);
  api_->attach(options);
  auto listening = net::HttpServer::listen(std::move(options));
  if (!listening) return fail(listening.error());
  server_ = std::move(*listening);
  recorder_.mark("listen");
  std::printf("listening on %s\n", server_->url().c_str());
  std::fflush(stdout);
  return {};
}

Result<void> App::start_models() {
  startup::RunnerOptions options;
  options.machine = hardware_.machine();
  options.last = last_durations_;
  options.on_end = [this](const startup::TaskEnd& end) {
    tell_end(end);
    if (end.run.title.empty() || end.run.state == startup::TaskState::kCancelled) return;
    // The registry was never asked for a model whose library did not open, so it cannot tell.
    if (end.run.state == startup::TaskState::kBlocked) readiness_->on_failed(end.run.title, cause_of(end.run));
    if (options_.strict && has_failed(end.run)) request_stop();
  };
  options.on_critical_settled = [this] { tell_ready(); };
  options.on_all_settled = [this] {
    recorder_.note_memory();
    keep_pool_.post([this] { keep_measures(); });
  };
  auto runner = startup::Runner::make({clock_, timers_, start_pool_, recorder_}, std::move(options),
                                      make_startup_tasks({workshop_, *registry_, *observer_, served_}));
  if (!runner) return fail(runner.error());
  runner_ = std::move(*runner);
  say_what_loads();
  runner_->start();
  return {};
}

/// For the next start: what each task took, and each model, those that a request brought in too.
void App::keep_measures() {
  const base::MutexLock lock(measures_);
  const auto snapshot = registry_->snapshot();
  startup::Durations durations = runner_->durations();
  for (const model::ModelSnapshot& model : snapshot->models) {
    if (model.last_load) durations.emplace(model.name, *model.last_load);
  }
  const std::filesystem::path& folder = loaded_.folders.state;
  auto saved =
      startup::save_journal(startup::journal_path(folder), startup::merge_durations(last_durations_, durations));
  if (saved) saved = save_measures(measures_path(folder), *snapshot->measures);
  if (!saved) base::log_warning("what was measured is not kept for the next start: {}", saved.error().line());
}

/// How long each took, its own line says as it ends.
void App::say_what_loads() const {
  const auto count = std::ranges::count_if(
      served_, [](const store::ServedModel& model) { return model.config.load != config::Load::kOnDemand; });
  if (count == 0 || options_.quiet) return;
  const auto snapshot = registry_->snapshot();
  std::string groups;
  for (const auto& [group, most] : *snapshot->caps) {
    groups += fmt::format("{}{} {}", groups.empty() ? "" : " and ", most, group);
  }
  base::log_info("loading {} model{}: {} at once, of them at most {} ({} core{}, {:.1f} GiB free)", count,
                 count == 1 ? "" : "s", snapshot->max_loading, groups, hardware_.cores, hardware_.cores == 1 ? "" : "s",
                 hardware_.memory_available.mib() / 1024);
}

void App::tell(std::string text) {
  telling_.post([text = std::move(text)] { std::fputs(text.c_str(), stderr); });
}

/// The one line that says what became of a task. A library that did not open has none of its own: each model that it
/// blocks says why.
void App::tell_end(const startup::TaskEnd& end) {
  const startup::TaskRun& run = end.run;
  if (run.title.empty()) {
    if (run.state == startup::TaskState::kFailed && run.phase == startup::Phase::kBackground) {
      base::log_error("start: {} failed: {}", run.name, cause_of(run).line());
    }
  } else if (!options_.quiet && run.state != startup::TaskState::kCancelled) {
    tell(startup::task_line(run, end.titled_done, end.titled_total, 12) + "\n");
  } else if (has_failed(run)) {
    base::log_error("{} did not load: {}", run.title, cause_of(run).line());
  }
}

void App::tell_ready() {
  const startup::ReadyView view = readiness_->view();
  if (view.state == startup::ReadyState::kDraining) return;  // what was still loading is no failure
  if (view.ok()) {
    recorder_.mark("ready");
  } else {
    base::log_error("not ready: see the failures above; the server goes on with what it has");
  }
  if (options_.quiet) return;
  const auto glyphs = startup::glyphs_for(std::getenv("LC_ALL"), std::getenv("LC_CTYPE"), std::getenv("LANG"));
  telling_.post([this, glyphs] { std::fputs(startup::waterfall(recorder_.snapshot(), glyphs).c_str(), stderr); });
}

Result<void> App::serve() {
  observe::add_process_metrics(metrics_);
  if (auto listening = listen(); !listening) return listening;
  if (auto started = start_models(); !started) return started;
  if (served_.empty()) {
    base::log_warning("no model is here yet; {}", kPull);
  }
  stop_.wait();
  const auto runs = runner_->runs();
  const auto failed =
      std::ranges::find_if(runs, [](const startup::TaskRun& run) { return !run.title.empty() && has_failed(run); });
  drain();
  keep_measures();
  // The last lines; a terminal that is held (Ctrl-S) is not waited for.
  const auto told = std::make_shared<std::promise<void>>();
  telling_.post([told] { told->set_value(); });
  told->get_future().wait_for(kLastWords);
  if (!options_.strict || failed == runs.end()) return {};
  const base::Error cause = cause_of(*failed);
  return fail(cause.code, failed->title + " did not load, and --strict wants all: " + cause.message, cause.remedy);
}

void App::request_stop() {
  std::call_once(stop_once_, [this] { stop_.count_down(); });
}

void App::drain() {
  if (!server_) return;
  readiness_->start_draining();
  if (runner_) runner_->request_stop();
  late_preparations_->request_stop();
  if (!server_->stop(loaded_.config().server.drain_limit))
    base::log_warning("some requests were cut at the end of the drain limit");
  registry_->shutdown();
}

}  // namespace hearth::app
