#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "model/core.h"
#include "model/policy/keep_alive.h"

namespace hearth::model {

using base::Bytes;
using base::Code;
using base::Error;

// Somebody has stopped using a loaded model: whoever waited for that comes next.
void Core::after_use(Record& record) {
  if (record.leases() > 0 || is_warming(record)) return;
  if (closing_) {
    begin_unload(record, UnloadReason::kShutdown);
  } else if (record.is_unload_asked) {
    begin_unload(record, UnloadReason::kAsked);
  } else if (record.condemned()) {
    begin_unload(record, UnloadReason::kBroken);
  } else {
    arm_idle_timer(record);
    if (!queue_.empty()) pump();
    if (is_loaded(record.state())) start_warm_up_if_due(record);
  }
}

void Core::unload(const ModelName& name, IfLeased if_leased, Registry::UnloadCallback done,
                  const std::stop_token& stop) {
  Record* const record = find(name);
  std::optional<Error> refusal;
  if (!record) {
    refusal = explain_unknown(name);
  } else if (closing_) {
    refusal = {Code::kUnavailable, "the server is shutting down", {}};
  } else if (if_leased == IfLeased::kRefuse && (record->leases() > 0 || is_coming(record->state()))) {
    refusal = {Code::kConflict, fmt::format("{} is {}", name, record->leases() > 0 ? "in use" : "still loading"), {}};
  }
  if (refusal) {
    outbox_.push_back([done, error = *refusal] { done(base::fail(error)); });
    return;
  }
  const State state = record->state();
  if (state == State::kFailed) {
    record->abandon();
    report_state(*record, state);
  }
  if (state == State::kFailed || state == State::kAbsent) {
    outbox_.push_back([done] { done(UnloadReport{}); });
    return;
  }
  record->is_unload_asked = true;
  Unloader unloader{.id = next_id_++, .done = std::move(done), .stop = {}};
  unloader.stop = on_stop(stop, [index = record->index(), id = unloader.id](Core& self) {
    self.assert_on_strand();
    self.drop_unloader(index, id);
  });
  record->unloaders.push_back(std::move(unloader));
  if (!is_loaded(state)) return;  // the load's or the unload's end sees it
  warm_ups_.yield(record->spec().key);
  after_use(*record);
}

void Core::begin_unload(Record& record, UnloadReason reason) {
  assert(!is_warming(record));
  const State before = record.state();
  const std::optional<Error> cause = record.condemned();
  std::shared_ptr<Instance> instance = record.give_instance();
  report_state(record, before);
  set_warmth(record, Warmth::kCold);
  ++unloading_;
  meter_.disturb();
  run_on(parts_.background,
         [&parts = parts_, instance = std::move(instance), index = record.index(), reason, cause]() mutable {
           UnloadReport report{.reason = reason, .returned = {}, .took = {}};
           const base::Instant begin = parts.clock.now();
           const Bytes before_bytes = parts.resident ? parts.resident() : Bytes{};
           instance.reset();
           if (parts.return_memory) parts.return_memory();
           report.returned = std::max(before_bytes - (parts.resident ? parts.resident() : Bytes{}), Bytes{});
           report.took = parts.clock.now() - begin;
           return [index, report, cause](Core& self) {
             self.assert_on_strand();
             self.unloaded(index, report, cause);
           };
         });
}

void Core::unloaded(std::size_t index, const UnloadReport& report, const std::optional<Error>& cause) {
  Record& record = *records_[index];
  --unloading_;
  budget_.release(record.spec().key);
  if (report.reason == UnloadReason::kBroken) {
    // At once the first time; a model that breaks again and again must not be loaded for every request.
    const base::Duration wait = record.breaks_in_a_row() > 1 ? options_.retry_after : base::Duration::zero();
    const State before = record.state();
    record.fail(*cause, parts_.clock.now() + wait);
    report_state(record, before);
  } else {
    record.forgive();
    apply(record, Event::kUnloaded);
  }
  events_.on_unloaded(record.spec(), report);
  finish_unloaders(record, report);
  const bool rests = record.state() == State::kFailed && parts_.clock.now() < record.retry_at();
  if (rests) deny_all(record, *record.cause());
  if (!record.waiters.empty() && !closing_) begin(record);
  pump();
}

void Core::finish_unloaders(Record& record, const base::Result<UnloadReport>& result) {
  record.is_unload_asked = false;
  for (Unloader& unloader : std::exchange(record.unloaders, {})) {
    outbox_.push_back([done = std::move(unloader.done), result] { done(result); });
  }
}

void Core::drop_unloader(std::size_t index, std::uint64_t id) {
  Record& record = *records_[index];
  const auto found = std::ranges::find(record.unloaders, id, &Unloader::id);
  if (found == record.unloaders.end()) return;  // it was told meanwhile
  Error error{Code::kCancelled, fmt::format("{} leaves, but that is no longer waited for", record.spec().name), {}};
  outbox_.push_back([done = std::move(found->done), error = std::move(error)] { done(base::fail(error)); });
  record.unloaders.erase(found);
}

void Core::arm_idle_timer(Record& record) {
  if (record.idle_timer_armed || closing_) return;
  const IdleDecision decision = decide_idle({.now = parts_.clock.now(),
                                             .idle_since = record.last_used(),
                                             .in_use = record.leases() > 0 || is_warming(record),
                                             .pinned = record.spec().pinned,
                                             .ttl = record.spec().ttl});
  if (decision.unload) return begin_unload(record, UnloadReason::kIdle);
  if (!decision.ask_again) return;
  // One timer a model, however often it is used: when it fires it looks at the present idle clock.
  record.idle_timer_armed = true;
  call_at(*decision.ask_again, [index = record.index()](Core& self) {
    self.assert_on_strand();
    Record& idle = *self.records_[index];
    idle.idle_timer_armed = false;
    if (is_loaded(idle.state())) self.arm_idle_timer(idle);
  });
}

bool Core::is_warming(const Record& record) const { return warm_ups_.is_running(record.spec().key); }

void Core::set_warmth(Record& record, Warmth warmth) {
  if (record.warmth == warmth) return;
  record.warmth = warmth;
  events_.on_warmth(record.spec(), warmth);
}

void Core::start_warm_up_if_due(Record& record) {
  const bool due = !closing_ && !record.condemned() &&
                   is_warm_up_due({.wanted = record.spec().warm_up,
                                   .warmth = record.warmth,
                                   .loaded = is_loaded(record.state()),
                                   .leaving = record.is_unload_asked,
                                   .has_served = record.is_validated(),
                                   .busy = inference_leases_ > 0 || loading_ > 0,
                                   .pressure = pressure_});
  if (!due) return;
  const bool started =
      warm_ups_.try_start(record.instance(), [this, index = record.index()](const WarmUpReport& report) {
        assert_on_strand();
        Record& warmed = *records_[index];
        const bool cancelled = report.error && report.error->code == Code::kCancelled;
        if (!report.error) {
          ++warmed.warm_ups;
          warmed.validate();
        }
        set_warmth(warmed, !report.error           ? Warmth::kWarm
                           : !cancelled            ? Warmth::kDegraded
                           : warmed.is_validated() ? Warmth::kWarm
                                                   : Warmth::kCold);
        events_.on_warm_up_finished(warmed.spec(), report);
        after_use(warmed);
      });
  if (started) set_warmth(record, Warmth::kWarming);
}

void Core::start_warm_ups_due() {
  for (const auto& record : records_) start_warm_up_if_due(*record);
}

void Core::set_pressure(Pressure level) {
  pressure_ = level;
  for (const auto& record : records_) {
    if (!is_loaded(record->state())) continue;
    if (level >= Pressure::kStopPriming) warm_ups_.yield(record->spec().key);
    const Resident resident = record->resident(budget_.reserved(record->spec().key), is_warming(*record));
    const EvictionAsk ask{.bytes = {}, .now = parts_.clock.now(), .unserved_grace = options_.unserved_grace};
    if (level >= Pressure::kEvictIdle && is_evictable(resident, ask)) begin_unload(*record, UnloadReason::kPressure);
  }
  start_warm_ups_due();
}

void Core::shutdown() {
  if (closing_) return;
  closing_ = true;
  queue_.clear();
  const Error error{Code::kUnavailable, "the server is shutting down", {}};
  for (const auto& record : records_) {
    deny_all(*record, error);
    finish_unloaders(*record, base::fail(error));
    record->load.stop.request_stop();
    warm_ups_.yield(record->spec().key);
    const LoadUnderWay::Phase phase = record->load.phase;
    if (phase == LoadUnderWay::Phase::kQueued || phase == LoadUnderWay::Phase::kRetryWait) abandon(*record);
    if (is_loaded(record->state())) after_use(*record);
  }
}

}  // namespace hearth::model
