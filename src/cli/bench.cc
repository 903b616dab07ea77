// hearth bench startup: starts the configured server from nothing, several times, and says when what was there; peers
// too, where they are described.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/child.h"
#include "base/files.h"
#include "cli/completion_words.h"
#include "cli/options.h"
#include "cli/start_files.h"
#include "cli/verbs.h"
#include "config/load.h"
#include "measure/peer.h"
#include "measure/process.h"
#include "measure/report.h"
#include "measure/start_run.h"
#include "measure/whole_stack.h"
#include "startup/hardware.h"

namespace hearth::cli {
namespace {

using base::fail;
using base::Result;

struct Options {
  int runs = 5;
  double max_ready = 120;
  bool cold = false;
  bool as_json = false;
  bool singles = false;
  std::string models, svg, save, baseline;
  std::vector<std::string> peers;
  std::optional<std::filesystem::path> config;
  [[nodiscard]] std::chrono::milliseconds most() const {
    return std::chrono::milliseconds(static_cast<std::int64_t>(max_ready * 1000));
  }
};

Result<std::vector<measure::Peer>> read_peers(const Options& options, const config::Loaded& loaded) {
  std::vector<measure::Peer> peers;
  for (const std::string& file : options.peers) {
    const auto text = base::read_file(file);
    if (!text) return fail(text.error());
    const std::filesystem::path here = std::filesystem::absolute(file).parent_path();
    const std::filesystem::path build = loaded.folders.cache.parent_path() / "hearth-build";
    auto peer = measure::parse_peer(*text, {{"models", loaded.folders.models()},
                                            {"peers", build / "peers"},
                                            {"sample", build / "deps/whisper/samples/jfk.wav"},
                                            {"here", here}});
    if (!peer) return fail(peer.error().code, file + ": " + peer.error().message);
    peers.push_back(std::move(*peer));
  }
  return peers;
}

/// Before each line of one start: "[2/5] cold".
std::string label_of(int run, int runs, std::string_view which) {
  return "[" + std::to_string(run) + "/" + std::to_string(runs) + "] " + std::string(which);
}

/// A line for each step as it comes, so that a start that hangs shows where.
std::function<void(const measure::Step&)> step_printer(std::string label) {
  return [label = std::move(label)](const measure::Step& step) {
    std::printf("%s %7.0f ms  %s\n", label.c_str(), step.ms, step.what.c_str());
    std::fflush(stdout);
  };
}

/// What was not printed while it started.
void print_end(const measure::Start& start, const std::string& label) {
  std::string line = label;
  for (const measure::Moment& moment : start.moments) {
    if (moment.name == "listening" || std::ranges::find(start.models, moment.name) != start.models.end()) continue;
    char text[96];
    std::snprintf(text, sizeof text, "  %s %.0f ms", moment.name.c_str(), moment.ms);
    line += text;
  }
  for (const measure::Failure& failure : start.failures) line += "  " + failure.task + " FAILED";
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

measure::StartPlan make_plan(const Options& options, const config::Server& server, const std::string& models) {
  measure::StartPlan plan;
  plan.command = {base::program_folder() / "hearth", "serve", "--host", "127.0.0.1", "--port", "0", "--quiet"};
  if (!models.empty()) plan.command.insert(plan.command.end(), {"--models", models});
  if (options.config) plan.command.insert(plan.command.end(), {"--config", options.config->string()});
  plan.most = options.most();
  if (!server.api_keys.empty()) plan.api_key = server.api_keys.front();
  return plan;
}

/// A peer that was not ready in time is a start that failed, as ours is: the others are reported.
Result<measure::Start> start_peer(const measure::Peer& peer, std::chrono::milliseconds most) {
  auto start = measure::run_peer(peer, measure::Cache::kWarm, most);
  if (start) return start;
  const base::Error& error = start.error();
  if (error.code != base::Code::kTimedOut) return fail(error.code, peer.name + ": " + error.line());
  return measure::Start{.moments = {}, .failures = {{peer.name, error.line()}}};
}

/// All starts: ours and each peer's by turns, so that a noisy machine is noisy for all.
Result<std::vector<measure::Start>> run_all(const Options& options, const config::Loaded& loaded,
                                            const std::vector<measure::Peer>& peers) {
  measure::StartPlan plan = make_plan(options, loaded.config().server, options.models);
  std::vector<std::filesystem::path> files;
  std::vector<measure::Cache> caches = {measure::Cache::kWarm};
  if (options.cold) {
    auto read = files_of_start(loaded);
    if (!read) return fail(read.error());
    files = std::move(*read);
    caches.push_back(measure::Cache::kCold);
  }
  std::vector<measure::Start> starts;
  const auto keep = [&](Result<measure::Start> start, const std::string& label) -> Result<void> {
    if (!start) return fail(start.error());
    if (!options.as_json) print_end(*start, label);
    starts.push_back(std::move(*start));
    return {};
  };
  for (int run = 1; run <= options.runs; ++run) {
    for (const measure::Cache cache : caches) {
      const std::string label = label_of(run, options.runs, measure::cache_name(cache));
      if (!options.as_json) plan.on_step = step_printer(label);
      if (cache == measure::Cache::kCold) measure::drop_from_page_cache(files);
      if (auto kept = keep(measure::run_start(plan, cache), label); !kept) return fail(kept.error());
    }
    for (const measure::Peer& peer : peers) {
      auto kept =
          keep(start_peer(peer, plan.most), label_of(run, options.runs, measure::cache_name(measure::Cache::kWarm)));
      if (!kept) return fail(kept.error());
    }
  }
  return starts;
}

using Singles = std::map<std::string, std::vector<measure::Start>>;

/// Each model that the whole loads, alone: as often as the whole was started. None where one of them failed, which
/// `faults` then says: there is nothing to hold the whole against.
Result<Singles> run_singles(const Options& options, const config::Server& server,
                            const std::vector<measure::Start>& whole, std::vector<std::string>& faults) {
  Singles singles;
  for (const std::string& model : measure::models_of(whole)) {
    measure::StartPlan plan = make_plan(options, server, model);
    plan.questions = measure::StartPlan::Questions::kLeaveOut;
    for (int run = 1; run <= options.runs; ++run) {
      if (!options.as_json) plan.on_step = step_printer(label_of(run, options.runs, "alone"));
      auto start = measure::run_start(plan, measure::Cache::kWarm);
      if (!start) return fail(start.error().code, model + " alone: " + start.error().line());
      if (const auto& failures = start->failures; !failures.empty()) {
        faults.push_back(model + " alone failed: " + failures.front().cause);
        return Singles{};
      }
      singles[model].push_back(std::move(*start));
    }
  }
  return singles;
}

Result<int> bench(const Options& options, const config::Loaded& loaded) {
  const auto peers = read_peers(options, loaded);
  if (!peers) return fail(peers.error());
  std::optional<measure::Baseline> baseline;
  if (!options.baseline.empty()) {
    const auto text = base::read_file(options.baseline);
    if (!text) return fail(text.error());
    auto read = measure::read_baseline(*text);
    if (!read) return fail(read.error().code, options.baseline + ": " + read.error().message);
    baseline = std::move(*read);
  }

  measure::end_processes_on_signals();
  const auto starts = run_all(options, loaded, *peers);
  if (!starts) return fail(starts.error());
  const std::vector<measure::Row> rows = measure::summarise(*starts);
  measure::Rules rules;
  rules.memory = measure::judge_memory(*starts);
  std::vector<std::string> faults = measure::faults_of(*starts, options.most());
  if (options.singles) {
    const auto singles = run_singles(options, loaded.config().server, *starts, faults);
    if (!singles) return fail(singles.error());
    rules.wall = measure::judge_wall(*starts, *singles, startup::probe_hardware().cores);
  }
  const std::string document = measure::json(rows, *starts, rules, faults);
  if (!options.save.empty()) {
    if (auto saved = base::write_file_atomically(options.save, document + "\n"); !saved) return fail(saved.error());
  }
  if (!options.svg.empty()) {
    const std::string drawn = measure::svg(rows, "From exec, in milliseconds: median, and best to worst");
    if (auto saved = base::write_file_atomically(options.svg, drawn); !saved) return fail(saved.error());
  }
  if (options.as_json) {
    std::puts(document.c_str());
  } else {
    std::printf("\n%s", measure::table(rows, baseline).c_str());
    if (rules.wall) std::printf("%s\n", measure::line(*rules.wall).c_str());
    if (rules.memory) std::printf("%s\n", measure::line(*rules.memory).c_str());
    for (const std::string& fault : faults) std::printf("FAIL: %s\n", fault.c_str());
    if (faults.empty()) std::printf("pass: ready within %g s\n", options.max_ready);
  }
  return faults.empty() ? 0 : 1;
}

void add_options(CLI::App& startup, Options& options) {
  startup.add_option("-n,--runs", options.runs, "How often (5)")->check(CLI::Range(1, 1000));
  startup.add_option("--models", options.models, "As hearth serve --models")->type_name(kModelsValue);
  startup.add_flag("--cold", options.cold, "After each start one more, with our files dropped from the page cache");
  startup.add_flag("--singles", options.singles,
                   "Start each model alone too, and say whether loading side by side is worth it");
  startup.add_option("--max-ready", options.max_ready, "Fail when a start takes longer until ready, in seconds (120)")
      ->check(CLI::Range(0.001, 3600.0));
  startup.add_option("--save", options.save, "Keep the result in this file, to compare with later")->type_name("FILE");
  startup.add_option("--baseline", options.baseline, "Show the change against a file that --save wrote")
      ->type_name("FILE");
  startup.add_option("--svg", options.svg, "Draw the result into this file")->type_name("FILE");
  startup.add_option("--peer", options.peers, "Start this program by turns with ours: a file as in bench/peers/*.json")
      ->type_name("FILE");
  startup.add_flag("--json", options.as_json, "Print JSON");
}

}  // namespace

int run_bench(int argc, char** argv) {
  CLI::App cli("Measure this server.", "hearth bench");
  cli.require_subcommand(1);
  CLI::App* startup = cli.add_subcommand(
      "startup",
      "Start the configured server from nothing, several times, and say when it listened, when each model and all of "
      "it was ready, and when each capability gave its first result.");
  ConfigFlags flags(*startup);
  Options options;
  add_options(*startup, options);
  if (const auto code = parse(cli, argc, argv)) return *code;
  options.config = flags.file();
  const auto loaded = flags.load();
  if (!loaded) return complain("bench startup", loaded.error());
  const auto code = bench(options, *loaded);
  return code ? *code : complain("bench startup", code.error());
}

}  // namespace hearth::cli
