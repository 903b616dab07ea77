#pragma once

// Everything a registry needs, under a test's control: nothing runs until the test says so. For tests only.

#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/registry.h"
#include "testing/fake_clock.h"
#include "testing/fake_engine.h"
#include "testing/manual_executor.h"

namespace hearth::model {

/// Keeps what the registry tells.
class RecordedEvents final : public Events {
 public:
  void on_state(const ModelSpec& model, State from, State to) override {
    lines.push_back(fmt::format("{} {}>{}", model.name, state_name(from), state_name(to)));
    steps.emplace_back(from, to);
  }
  void on_warmth(const ModelSpec& model, Warmth warmth) override {
    lines.push_back(fmt::format("{} {}", model.name, warmth_name(warmth)));
  }
  void on_progress(const ModelSpec& model, double, std::string_view stage) override {
    progress.push_back(fmt::format("{} {}", model.name, stage));
  }
  void on_load_finished(const ModelSpec& model, const LoadReport& report) override {
    loads.push_back(report);
    finished.push_back(model.name);
  }
  void on_retry(const ModelSpec&, const base::Error&, base::Duration) override { ++retries; }
  void on_demand(const ModelSpec&, Demand demand) override { ++demands[demand]; }
  void on_unloaded(const ModelSpec& model, const UnloadReport& report) override {
    unloads.emplace_back(fmt::format("{} {}", model.name, unload_reason_name(report.reason)));
    last_unload = report;
  }
  void on_broken(const ModelSpec& model, const base::Error& cause) override {
    broken.push_back(model.name + ": " + cause.message);
  }
  void on_warm_up_finished(const ModelSpec&, const WarmUpReport& report) override { warm_ups.push_back(report); }

  std::vector<std::string> lines;
  std::vector<std::pair<State, State>> steps;
  std::vector<std::string> progress;
  std::vector<LoadReport> loads;
  std::vector<std::string> finished;  // whose loads they were
  int retries = 0;
  std::map<Demand, int> demands;
  std::vector<std::string> unloads;
  UnloadReport last_unload;
  std::vector<WarmUpReport> warm_ups;
  std::vector<std::string> broken;
};

/// What became of one acquire_async.
struct Ticket {
  std::optional<Acquired> answer;
  [[nodiscard]] bool waits() const { return !answer.has_value(); }
  [[nodiscard]] bool ok() const { return answer && answer->has_value(); }
  [[nodiscard]] base::Code code() const { return answer->error().error.code; }
  void give_back() { answer->value().reset(); }
  void give_back_served() {
    answer->value().note_served();
    give_back();
  }
  void give_back_failed(base::Code code, const char* message = "made to fail") {
    answer->value().note_failure({code, message, {}});
    give_back();
  }
};

class World {
 public:
  World() = default;
  ~World() {
    if (registry_) registry_->shutdown();
    run();
    tickets_.clear();
    run();
    registry_.reset();
    run();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Adds a model before the first use of the registry. Its file has as many bytes as its engine takes.
  ModelSpec& add(const std::string& name, base::Bytes bytes = base::Bytes{100}) {
    auto& loader = loaders_[name] = std::make_unique<testing::FakeLoader>();
    loader->set_bytes(bytes);
    specs_.push_back({.name = name,
                      .aliases = {},
                      .kind = "fake",
                      .group = {},
                      .key = ModelKey::make("fake", {{"model", name}}, {}),
                      .file_bytes = bytes,
                      .mode = LoadMode::kOnDemand,
                      .pinned = false,
                      .ttl = {},
                      .warm_up = WarmUp::kNone,
                      .load = loader->load()});
    return specs_.back();
  }
  testing::FakeLoader& loader(const std::string& name) { return *loaders_[name]; }

  Registry& registry() {
    if (!registry_) {
      registry_.emplace(RegistryParts{.clock = clock,
                                      .timers = clock,
                                      .strand = strand,
                                      .loads = *load_executor,
                                      .background = background,
                                      .events = &events,
                                      .fetch = fetch,
                                      .resident = [this] { return resident(); },
                                      .return_memory = [this] { ++returned; }},
                        options, Catalog::make(specs_).value(), known);
    }
    return *registry_;
  }
  Ticket& ask(const std::string& name, Wait wait = Wait::forever(), std::stop_token stop = {},
              LeaseUse use = LeaseUse::kInference) {
    Ticket& ticket = *tickets_.emplace_back(std::make_unique<Ticket>());
    registry().acquire_async(
        name, wait, [&ticket](Acquired acquired) { ticket.answer.emplace(std::move(acquired)); }, std::move(stop), use);
    return ticket;
  }
  /// Ask, run everything, expect a lease, give it back: one served request.
  void serve(const std::string& name) {
    Ticket& ticket = ask(name);
    run();
    if (ticket.ok()) ticket.give_back_served();
    run();
  }
  /// Runs only the registry's own steps: loads and background work stay as they are.
  void decide() { strand.run_all(); }
  /// Runs everything until nothing is left; time stands still.
  void run() {
    for (int ran = 1; ran > 0;) {
      ran = strand.run_all();
      look_at_budget();
      ran += loads.run_all() + background.run_all();
    }
  }
  void pass(base::Duration time) {
    clock.advance(time);
    run();
  }
  [[nodiscard]] ModelSnapshot look(const std::string& name) { return *registry().snapshot()->find(name); }
  [[nodiscard]] State state(const std::string& name) { return look(name).state; }
  [[nodiscard]] base::Bytes resident() const {
    base::Bytes sum{1000};
    for (const auto& [name, loader] : loaders_) sum += loader->resident();
    return sum;
  }

  testing::FakeClock clock;
  testing::ManualExecutor strand, loads, background;
  base::Executor* load_executor = &loads;  // or one of the test's own
  RecordedEvents events;
  Fetch* fetch = nullptr;
  RegistryOptions options{.estimate_factor = 1.0};
  Measures known;
  int returned = 0;
  int over_budget = 0;  // how often run() found more in memory, or on its way there, than there may be

 private:
  void look_at_budget() {
    if (!registry_) return;
    const auto snapshot = registry_->snapshot();
    over_budget += snapshot->committed > snapshot->budget ? 1 : 0;
  }

  std::map<std::string, std::unique_ptr<testing::FakeLoader>> loaders_;
  std::vector<ModelSpec> specs_;
  std::optional<Registry> registry_;
  std::vector<std::unique_ptr<Ticket>> tickets_;
};

}  // namespace hearth::model
