#pragma once

// The registry's single writer. Requests, ends of leases, ends of loads and timers all become steps on one strand; each
// step changes records, publishes a snapshot, then answers callers, in this order. What is decided is in policy/, what
// may follow what in state.h; core.cc has requests and leases, core_loads.cc fetching and loading, core_admission.cc
// the queue, core_unload.cc idleness, warm-ups and leaving memory.

#include <cassert>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/strand.h"
#include "model/budget.h"
#include "model/record.h"
#include "model/registry.h"
#include "model/warmup.h"
#include "model/work_count.h"

namespace hearth::model {

/// Being on the strand, as a capability that Clang's analysis checks like a lock.
class HEARTH_TSA(capability("strand")) StrandRole {};

/// One caller's wish, on its way to the strand.
struct Request {
  ModelName name;
  Wait wait;
  std::optional<LeaseUse> use;  // none: no lease
  std::stop_token stop;
  std::shared_ptr<Reply> reply;
};

class Core : public std::enable_shared_from_this<Core> {
 public:
  using Step = std::function<void(Core&)>;

  [[nodiscard]] static std::shared_ptr<Core> make(RegistryParts parts, RegistryOptions options, Catalog catalog,
                                                  Measures known);
  Core(RegistryParts parts, RegistryOptions options, Catalog catalog, Measures known);

  /// Any thread. Runs `step` on the strand; drops it once wait_until_quiet() has returned.
  void post(Step step);
  /// Any thread.
  [[nodiscard]] std::shared_ptr<const RegistrySnapshot> snapshot() const EXCLUDES(published_mutex_);
  [[nodiscard]] bool is_on_strand() const { return strand_.is_current(); }
  /// Tells the analysis, and checks in debug builds, that this is the strand. First line of every step.
  void assert_on_strand() const HEARTH_TSA(assert_capability(role_)) { assert(strand_.is_current()); }
  /// Waits until nothing that was posted is left, then refuses more. Not on an executor.
  void wait_until_quiet() { work_.wait_and_end(); }

  void request(Request request) REQUIRES(role_);
  void unload(const ModelName& name, IfLeased if_leased, Registry::UnloadCallback done, const std::stop_token& stop)
      REQUIRES(role_);
  void set_pressure(Pressure level) REQUIRES(role_);
  void shutdown() REQUIRES(role_);

 private:
  struct LoadOutcome;
  class ProgressCell;

  // Requests and answers (core.cc).
  [[nodiscard]] Record* find(std::string_view name) REQUIRES(role_);
  [[nodiscard]] base::Error explain_unknown(const ModelName& name) const;
  void grant(Record& record, std::optional<LeaseUse> use, std::shared_ptr<Reply> reply) REQUIRES(role_);
  void add_waiter(Record& record, Request request) REQUIRES(role_);
  void drop_waiter(std::size_t index, std::uint64_t id, base::Code code, const char* message) REQUIRES(role_);
  void deny_all(Record& record, const base::Error& error) REQUIRES(role_);
  /// Any thread calls `stop`; `step` then runs on the strand, if the registry still exists. Null for a token that never
  /// stops.
  [[nodiscard]] OnStop on_stop(const std::stop_token& stop, Step step);
  [[nodiscard]] NotReady not_ready(const Record& record, base::Error error) const REQUIRES(role_);
  void answer(std::shared_ptr<Reply> reply, Acquired acquired) REQUIRES(role_);
  void give_back(std::size_t index, LeaseUse use, const UseResult& result) REQUIRES(role_);
  void learn_from_use(Record& record, const UseResult& result) REQUIRES(role_);

  // Who may load now (core_admission.cc).
  void pump() REQUIRES(role_);
  void evict_what_is_over() REQUIRES(role_);
  [[nodiscard]] AdmissionView view_for(const Record& record, const std::vector<Resident>& residents) const
      REQUIRES(role_);
  [[nodiscard]] std::vector<Resident> residents() const REQUIRES(role_);

  // Idleness and leaving memory (core_unload.cc).
  void after_use(Record& record) REQUIRES(role_);
  void begin_unload(Record& record, UnloadReason reason) REQUIRES(role_);
  void unloaded(std::size_t index, const UnloadReport& report, const std::optional<base::Error>& cause) REQUIRES(role_);
  void finish_unloaders(Record& record, const base::Result<UnloadReport>& result) REQUIRES(role_);
  void drop_unloader(std::size_t index, std::uint64_t id) REQUIRES(role_);
  void arm_idle_timer(Record& record) REQUIRES(role_);
  void start_warm_up_if_due(Record& record) REQUIRES(role_);
  void start_warm_ups_due() REQUIRES(role_);
  [[nodiscard]] bool is_warming(const Record& record) const REQUIRES(role_);
  void set_warmth(Record& record, Warmth warmth) REQUIRES(role_);

  // Coming into memory (core_loads.cc).
  void begin(Record& record) REQUIRES(role_);
  void start_fetch(Record& record) REQUIRES(role_);
  void enqueue(Record& record) REQUIRES(role_);
  void tell_queued() REQUIRES(role_);
  void start_load(Record& record) REQUIRES(role_);
  void fetched(std::size_t index, std::uint64_t serial, const base::Result<void>& result) REQUIRES(role_);
  void load_ended(std::size_t index, std::uint64_t serial, LoadOutcome& outcome) REQUIRES(role_);
  void take_measures(const std::vector<GrowthMeter::Share>& shares) REQUIRES(role_);
  void retry_or_fail(Record& record, const base::Error& error, LoadReport report) REQUIRES(role_);
  void fail(Record& record, base::Error error, LoadReport report) REQUIRES(role_);
  void abandon(Record& record) REQUIRES(role_);
  [[nodiscard]] engine::LoadProgress progress_of(const Record& record) REQUIRES(role_);

  // Means.
  void apply(Record& record, Event event) REQUIRES(role_);
  void report_state(Record& record, State before) REQUIRES(role_);
  /// Runs `work` on `executor`, then what it returns on the strand.
  void run_on(base::Executor& executor, std::function<Step()> work);
  /// Runs `step` on the strand at `when`, if the registry still exists.
  base::Timers::Id call_at(base::Instant when, Step step);
  void end_of_step() REQUIRES(role_);
  void publish() REQUIRES(role_) EXCLUDES(published_mutex_);

  const RegistryParts parts_;
  const RegistryOptions options_;
  const std::shared_ptr<const std::map<ModelName, std::size_t, std::less<>>> names_;
  const std::shared_ptr<const std::map<std::string, int>> caps_;
  Events silence_;
  Events& events_;
  WorkCount work_;
  base::Strand strand_;
  StrandRole role_;

  std::vector<std::unique_ptr<Record>> records_ GUARDED_BY(role_);  // made by the constructor, never added to
  Budget budget_ GUARDED_BY(role_);
  GrowthMeter meter_ GUARDED_BY(role_);
  WarmUpCoordinator warm_ups_ GUARDED_BY(role_);
  std::vector<Record*> queue_ GUARDED_BY(role_);  // asked for, not begun
  bool queue_told_ GUARDED_BY(role_) = false;     // of late: a timer will tell of it again
  int loading_ GUARDED_BY(role_) = 0;
  int unloading_ GUARDED_BY(role_) = 0;
  int inference_leases_ GUARDED_BY(role_) = 0;  // on all models
  Pressure pressure_ GUARDED_BY(role_) = Pressure::kNone;
  bool closing_ GUARDED_BY(role_) = false;
  std::uint64_t next_id_ GUARDED_BY(role_) = 1;
  std::optional<base::Instant> pump_at_ GUARDED_BY(role_);  // when a timer will look at the queue again
  std::shared_ptr<const Measures> measures_ GUARDED_BY(role_);
  std::vector<std::function<void()>> outbox_ GUARDED_BY(role_);  // answers of this step, sent after it is published

  mutable base::Mutex published_mutex_;
  std::shared_ptr<const RegistrySnapshot> published_ GUARDED_BY(published_mutex_);
};

}  // namespace hearth::model
