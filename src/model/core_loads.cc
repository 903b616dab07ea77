#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <exception>
#include <new>
#include <utility>

#include "model/core.h"

namespace hearth::model {

using base::Bytes;
using base::Code;
using base::Error;
using Phase = LoadUnderWay::Phase;

struct Core::LoadOutcome {
  base::Result<std::unique_ptr<engine::Engine>> engine;
  std::optional<WarmUpReport> warm_up;
  Bytes before;
  Bytes after;
};

/// The last progress of one load, between its thread and the strand: however often the load reports, one step is under
/// way.
class Core::ProgressCell {
 public:
  /// True if the caller is to post a step that takes it.
  [[nodiscard]] bool put(double fraction, std::string_view stage) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    fraction_ = std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0.0;
    stage_ = stage.substr(0, 32);
    return !std::exchange(posted_, true);
  }
  [[nodiscard]] std::pair<double, std::string> take() EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    posted_ = false;
    return {fraction_, stage_};
  }

 private:
  base::Mutex mutex_;
  double fraction_ GUARDED_BY(mutex_) = 0;
  std::string stage_ GUARDED_BY(mutex_);
  bool posted_ GUARDED_BY(mutex_) = false;
};

namespace {

/// A library that throws amid a load fails that load, and nothing else.
base::Result<std::unique_ptr<engine::Engine>> load_guarded(const ModelSpec& spec, const engine::LoadProgress& progress,
                                                           const std::stop_token& stop) try {
  auto engine = spec.load(progress, stop);
  if (engine && !*engine) return base::fail(Code::kInternal, fmt::format("loading {} gave no engine", spec.name));
  return engine;
} catch (const std::bad_alloc&) {
  return base::fail(Code::kExhausted, fmt::format("there is not enough memory to load {}", spec.name));
} catch (const std::exception& error) {
  return base::fail(Code::kInternal, fmt::format("loading {} failed: {}", spec.name, error.what()));
}

}  // namespace

engine::LoadProgress Core::progress_of(const Record& record) {
  return [weak = weak_from_this(), cell = std::make_shared<ProgressCell>(), index = record.index(),
          serial = record.load.serial](double fraction, std::string_view stage) {
    if (!cell->put(fraction, stage)) return;
    const auto self = weak.lock();
    if (!self) return;
    self->post([cell, index, serial](Core& core) {
      core.assert_on_strand();
      const auto [reached, word] = cell->take();
      Record& loading = *core.records_[index];
      const Phase phase = loading.load.phase;
      if (loading.load.serial != serial || (phase != Phase::kFetching && phase != Phase::kRunning)) return;
      loading.load.progress = reached;
      loading.load.stage = word;
      core.events_.on_progress(loading.spec(), reached, word);
    });
  };
}

void Core::begin(Record& record) {
  const base::Instant now = parts_.clock.now();
  record.load = LoadUnderWay{.phase = Phase::kNone,
                             .serial = next_id_++,
                             .turn = next_id_++,
                             .tries = 0,
                             .asked_at = now,
                             .begun_at = now,
                             .progress = 0,
                             .stage = {},
                             .stop = {}};
  if (parts_.fetch && !parts_.fetch->is_present(record.spec())) {
    apply(record, Event::kFetchBegun);
    start_fetch(record);
  } else {
    enqueue(record);
  }
}

void Core::start_fetch(Record& record) {
  record.load.phase = Phase::kFetching;
  record.load.stage = "fetch";
  record.load.begun_at = parts_.clock.now();
  ++record.load.tries;
  run_on(parts_.background, [fetch = parts_.fetch, &spec = record.spec(), progress = progress_of(record),
                             stop = record.load.stop.get_token(), index = record.index(), serial = record.load.serial] {
    return [index, serial, result = fetch->fetch(spec, progress, stop)](Core& self) {
      self.assert_on_strand();
      self.fetched(index, serial, result);
    };
  });
}

void Core::fetched(std::size_t index, std::uint64_t serial, const base::Result<void>& result) {
  Record& record = *records_[index];
  assert(record.load.serial == serial);
  (void)serial;
  if (closing_) return abandon(record);
  if (!result) {
    LoadReport report;
    report.took = parts_.clock.now() - record.load.begun_at;
    return retry_or_fail(record, result.error(), std::move(report));
  }
  record.load.tries = 0;
  record.load.progress = 0;
  enqueue(record);
}

void Core::enqueue(Record& record) {
  if (record.state() != State::kLoading) apply(record, Event::kLoadBegun);
  record.load.phase = Phase::kQueued;
  record.load.stage = "queued";
  queue_.push_back(&record);
  pump();
  tell_queued();
}

/// A load that waits for its turn does nothing, and is not stuck: it shows life for as long as it waits.
void Core::tell_queued() {
  if (queue_told_ || queue_.empty()) return;
  for (const Record* record : queue_) events_.on_progress(record->spec(), record->load.progress, record->load.stage);
  queue_told_ = true;
  call_at(parts_.clock.now() + options_.queue_sign, [](Core& self) {
    self.assert_on_strand();
    self.queue_told_ = false;
    self.tell_queued();
  });
}

void Core::start_load(Record& record) {
  const ModelSpec& spec = record.spec();
  const Bytes need = budget_.need(spec.key, spec.file_bytes);
  budget_.reserve(spec.key, need);
  meter_.begin(spec.key, need);
  if (unloading_ > 0) meter_.disturb();
  ++loading_;
  warm_ups_.yield_all();
  record.load.phase = Phase::kRunning;
  record.load.stage = "open";
  record.load.progress = 0;
  record.load.begun_at = parts_.clock.now();
  ++record.load.tries;
  run_on(parts_.loads,
         [&parts = parts_, &spec, progress = progress_of(record), stop = record.load.stop.get_token(),
          index = record.index(), serial = record.load.serial]() -> Step {
           const auto outcome = std::make_shared<LoadOutcome>();
           if (parts.resident) outcome->before = parts.resident();
           outcome->engine = load_guarded(spec, progress, stop);
           if (outcome->engine && spec.warm_up == WarmUp::kBeforeReady) {
             progress(1.0, "warm-up");
             outcome->warm_up = run_warm_up(**outcome->engine, parts.clock, stop);
           }
           if (parts.resident) outcome->after = parts.resident();
           return [index, serial, outcome](Core& self) {
             self.assert_on_strand();
             self.load_ended(index, serial, *outcome);
           };
         });
}

void Core::load_ended(std::size_t index, std::uint64_t serial, LoadOutcome& outcome) {
  Record& record = *records_[index];
  assert(record.load.serial == serial);
  (void)serial;
  const ModelSpec& spec = record.spec();
  const base::Instant now = parts_.clock.now();
  --loading_;
  const bool loaded = outcome.engine.has_value() && !closing_;
  if (outcome.after <= Bytes{}) meter_.disturb();  // nothing was read: the estimate stands
  const std::vector<GrowthMeter::Share> shares = meter_.end(spec.key, outcome.before, outcome.after, loaded);
  LoadReport report{.error = {},
                    .queued = record.load.begun_at - record.load.asked_at,
                    .took = now - record.load.begun_at,
                    .total = now - record.load.asked_at,
                    .tries = record.load.tries,
                    .resident_before = outcome.before,
                    .resident_after = outcome.after};
  if (!loaded) {
    budget_.release(spec.key);
    take_measures(shares);
    if (closing_) {
      if (outcome.engine) {  // not on the strand: destroying an engine takes its time
        run_on(parts_.background,
               [engine = std::make_shared<std::unique_ptr<engine::Engine>>(std::move(*outcome.engine))]() -> Step {
                 engine->reset();
                 return [](Core&) {};
               });
      }
      return abandon(record);
    }
    retry_or_fail(record, outcome.engine.error(), std::move(report));
    pump();
    return start_warm_ups_due();
  }
  auto instance = std::make_shared<Instance>();
  instance->key = spec.key;
  instance->engine = std::move(*outcome.engine);
  const State before = record.state();
  record.take_instance(std::move(instance), now);
  record.load.phase = Phase::kNone;
  record.last_load = report.total;
  take_measures(shares);
  report_state(record, before);
  if (outcome.warm_up) {
    if (!outcome.warm_up->error) {
      ++record.warm_ups;
      record.validate();
    }
    set_warmth(record, outcome.warm_up->error ? Warmth::kDegraded : Warmth::kWarm);
  }
  publish();  // first: who hears below that it is ready may look
  events_.on_load_finished(spec, report);
  if (outcome.warm_up) events_.on_warm_up_finished(spec, *outcome.warm_up);
  for (Waiter& waiter : std::exchange(record.waiters, {})) {
    if (waiter.deadline) parts_.timers.cancel(*waiter.deadline);
    grant(record, waiter.use, std::move(waiter.reply));
  }
  after_use(record);
  pump();
  start_warm_ups_due();
}

void Core::take_measures(const std::vector<GrowthMeter::Share>& shares) {
  for (const GrowthMeter::Share& share : shares) {
    for (const auto& record : records_) {
      if (record->spec().key != share.key) continue;
      budget_.settle(share.key, record->spec().file_bytes, share.measure);
      events_.on_measured(record->spec(), budget_.reserved(share.key));
    }
  }
  if (!shares.empty()) measures_ = std::make_shared<const Measures>(budget_.measures());
}

void Core::retry_or_fail(Record& record, const Error& error, LoadReport report) {
  if (base::is_permanent(error.code) || record.load.tries >= 2) return fail(record, error, std::move(report));
  events_.on_retry(record.spec(), error, options_.retry_delay);
  record.load.phase = Phase::kRetryWait;
  record.load.stage = "retry";
  call_at(parts_.clock.now() + options_.retry_delay, [index = record.index(), serial = record.load.serial](Core& self) {
    self.assert_on_strand();
    Record& again = *self.records_[index];
    if (again.load.serial != serial || again.load.phase != Phase::kRetryWait) return;
    if (again.state() == State::kFetching) return self.start_fetch(again);
    self.enqueue(again);
  });
}

void Core::fail(Record& record, Error error, LoadReport report) {
  const base::Instant now = parts_.clock.now();
  report.error = error;
  report.total = now - record.load.asked_at;
  report.tries = record.load.tries;
  record.load.phase = Phase::kNone;
  const State before = record.state();
  record.fail(error, now + options_.retry_after);
  report_state(record, before);
  publish();  // as in load_ended()
  events_.on_load_finished(record.spec(), report);
  deny_all(record, error);
  finish_unloaders(record, UnloadReport{});
}

void Core::abandon(Record& record) {
  record.load.phase = Phase::kNone;
  const State before = record.state();
  record.abandon();
  report_state(record, before);
}

}  // namespace hearth::model
