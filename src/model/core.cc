#include "model/core.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "model/policy/first_use.h"
#include "model/policy/retry_hint.h"

namespace hearth::model {

using base::Bytes;
using base::Code;
using base::Error;

namespace {

std::map<std::string, int> loading_caps(const std::map<std::string, GroupCap>& groups) {
  std::map<std::string, int> caps;
  for (const auto& [name, cap] : groups) {
    if (cap.max_loading > 0) caps.emplace(name, cap.max_loading);
  }
  return caps;
}

}  // namespace

std::shared_ptr<Core> Core::make(RegistryParts parts, RegistryOptions options, Catalog catalog, Measures known) {
  auto core = std::make_shared<Core>(std::move(parts), std::move(options), std::move(catalog), std::move(known));
  core->post([](Core& self) { self.assert_on_strand(); });
  return core;
}

Core::Core(RegistryParts parts, RegistryOptions options, Catalog catalog, Measures known)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      names_(std::make_shared<const std::map<ModelName, std::size_t, std::less<>>>(catalog.names())),
      caps_(std::make_shared<const std::map<std::string, int>>(loading_caps(options_.groups))),
      events_(parts_.events ? *parts_.events : silence_),
      strand_(parts_.strand),
      budget_(options_.budget, options_.estimate_factor, std::move(known)),
      warm_ups_(parts_.clock,
                [this](std::function<std::function<void()>()> work) {
                  run_on(parts_.background, [work = std::move(work)]() mutable -> Step {
                    auto then = work();
                    return [then = std::move(then)](Core&) { then(); };
                  });
                }),
      measures_(std::make_shared<const Measures>(budget_.measures())) {
  std::map<std::string, int> groups;
  for (const ModelSpec& spec : catalog.specs()) {
    const int group = groups.try_emplace(spec.group, static_cast<int>(groups.size())).first->second;
    const auto cap = options_.groups.find(spec.group);
    records_.push_back(std::make_unique<Record>(spec, records_.size(), group,
                                                cap == options_.groups.end() ? GroupCap{} : cap->second));
  }
  publish();
}

void Core::post(Step step) {
  auto token = work_.begin();
  if (!token) return;
  strand_.post([weak = weak_from_this(), token = std::move(token), step = std::move(step)]() mutable {
    if (const auto self = weak.lock()) {
      self->assert_on_strand();
      step(*self);
      self->end_of_step();
    }
    step = nullptr;
    token.reset();
  });
}

void Core::run_on(base::Executor& executor, std::function<Step()> work) {
  auto token = work_.begin();
  if (!token) return;
  // Shared because a post that fails takes what it was given with it.
  const auto job = std::make_shared<base::Task>(
      [self = shared_from_this(), token = std::move(token), work = std::move(work)]() mutable {
        Step then = work();
        work = nullptr;
        self->post(std::move(then));
        self.reset();
        token.reset();
      });
  try {
    executor.post([job] { (*job)(); });
  } catch (const std::system_error& error) {
    // There is no thread for it. On the registry's own it holds up all others, but nobody waits for ever.
    base::log_error("models: {}; the registry's thread does what others should", error.what());
    strand_.post([job] { (*job)(); });
  }
}

base::Timers::Id Core::call_at(base::Instant when, Step step) {
  return parts_.timers.call_at(when, [weak = weak_from_this(), step = std::move(step)]() mutable {
    if (const auto self = weak.lock()) self->post(std::move(step));
  });
}

std::shared_ptr<const RegistrySnapshot> Core::snapshot() const {
  base::MutexLock lock(published_mutex_);
  return published_;
}

void Core::publish() {
  auto next = std::make_shared<RegistrySnapshot>();
  next->models.reserve(records_.size());
  for (const auto& record : records_) {
    const auto measure = measures_->find(record->spec().key);
    next->models.push_back(record->snapshot(budget_.reserved(record->spec().key),
                                            measure == measures_->end() ? Bytes{} : measure->second.bytes));
  }
  next->names = names_;
  next->budget = budget_.limit();
  next->committed = budget_.committed();
  next->loading = loading_;
  next->queued = static_cast<int>(queue_.size());
  next->max_loading = options_.max_loading;
  next->caps = caps_;
  next->measures = measures_;
  std::shared_ptr<const RegistrySnapshot> old = std::move(next);  // the former one goes outside the lock
  base::MutexLock lock(published_mutex_);
  published_.swap(old);
}

void Core::end_of_step() {
  publish();
  // An answer may end a lease or ask again: both post, neither comes back into this loop.
  for (const auto& send : std::exchange(outbox_, {})) send();
}

void Core::apply(Record& record, Event event) { report_state(record, record.apply(event)); }

void Core::report_state(Record& record, State before) {
  if (before != record.state()) events_.on_state(record.spec(), before, record.state());
}

Record* Core::find(std::string_view name) {
  const auto found = names_->find(name);
  return found == names_->end() ? nullptr : records_[found->second].get();
}

void Core::answer(std::shared_ptr<Reply> reply, Acquired acquired) {
  outbox_.push_back([reply = std::move(reply), held = std::make_shared<Acquired>(std::move(acquired))] {
    reply->answer(std::move(*held));
  });
}

NotReady Core::not_ready(const Record& record, Error error) const {
  NotReady out{.error = std::move(error), .state = record.state(), .stage = {}};
  const base::Instant now = parts_.clock.now();
  const auto expected = record.last_load ? record.last_load : record.spec().expected_load;
  if (is_coming(record.state())) {
    out.stage = record.load.stage;
    out.progress = record.load.progress;
    out.elapsed = now - record.load.asked_at;
    out.retry_after = forecast_retry({.elapsed = out.elapsed, .progress = record.load.progress, .last_load = expected});
  } else if (record.state() == State::kFailed) {
    out.retry_after = std::max(std::chrono::ceil<base::Millis>(record.retry_at() - now), base::Millis{0});
  } else {
    out.retry_after = forecast_retry({.elapsed = {}, .progress = 0, .last_load = expected});
  }
  return out;
}

Error Core::explain_unknown(const ModelName& name) const {
  if (options_.explain_unknown) {
    if (auto known = options_.explain_unknown(name)) return *std::move(known);
  }
  return {Code::kNotFound, fmt::format("there is no model '{}'", name), "GET /v1/models lists those that there are"};
}

void Core::request(Request request) {
  Record* const record = find(request.name);
  if (!record) {
    return answer(request.reply, tl::unexpected(NotReady{.error = explain_unknown(request.name), .stage = {}}));
  }
  if (closing_) {
    return answer(request.reply,
                  tl::unexpected(not_ready(*record, {Code::kUnavailable, "the server is shutting down", {}})));
  }
  const base::Instant now = parts_.clock.now();
  const ModelName& name = record->spec().name;
  if (is_loaded(record->state()) && !record->is_unload_asked && !record->condemned()) {
    events_.on_demand(record->spec(), Events::Demand::kHit);
    return grant(*record, request.use, std::move(request.reply));
  }
  if (record->state() == State::kFailed && now < record->retry_at()) {
    return answer(request.reply, tl::unexpected(not_ready(*record, *record->cause())));
  }
  const bool begins = record->state() == State::kAbsent || record->state() == State::kFailed;
  if (begins && pressure_ == Pressure::kRefuseLoads) {
    return answer(request.reply,
                  tl::unexpected(not_ready(
                      *record, {Code::kExhausted, fmt::format("the machine is short of memory: {} is not loaded", name),
                                "unload other models, or give the machine more memory"})));
  }
  events_.on_demand(record->spec(), begins ? Events::Demand::kMiss : Events::Demand::kJoined);
  const auto reply = request.reply;
  const Wait wait = request.wait;
  const bool waits = wait.kind == Wait::Kind::kForever || (wait.kind == Wait::Kind::kUntil && wait.deadline > now);
  if (waits) add_waiter(*record, std::move(request));  // first: a load that fails at once answers it too
  if (begins) begin(*record);
  if (waits) return;
  if (record->state() == State::kFailed) return answer(reply, tl::unexpected(not_ready(*record, *record->cause())));
  Error error = wait.kind == Wait::Kind::kNoWait
                    ? Error{Code::kUnavailable, fmt::format("{} is not loaded yet", name), "ask again shortly"}
                    : Error{Code::kTimedOut, fmt::format("{} was not ready in time", name), "allow more time"};
  answer(reply, tl::unexpected(not_ready(*record, std::move(error))));
}

void Core::add_waiter(Record& record, Request request) {
  Waiter waiter{.id = next_id_++, .use = request.use, .reply = std::move(request.reply), .deadline = {}, .stop = {}};
  const std::size_t index = record.index();
  if (request.wait.kind == Wait::Kind::kUntil) {
    waiter.deadline = call_at(request.wait.deadline, [index, id = waiter.id](Core& self) {
      self.assert_on_strand();
      self.drop_waiter(index, id, Code::kTimedOut, "was not ready in time");
    });
  }
  waiter.stop = on_stop(request.stop, [index, id = waiter.id](Core& self) {
    self.assert_on_strand();
    self.drop_waiter(index, id, Code::kCancelled, "is no longer waited for");
  });
  record.waiters.push_back(std::move(waiter));
}

OnStop Core::on_stop(const std::stop_token& stop, Step step) {
  if (!stop.stop_possible()) return nullptr;
  return std::make_unique<OnStop::element_type>(stop, [weak = weak_from_this(), step = std::move(step)] {
    if (const auto self = weak.lock()) self->post(step);
  });
}

void Core::drop_waiter(std::size_t index, std::uint64_t id, Code code, const char* message) {
  Record& record = *records_[index];
  const auto found = std::find_if(record.waiters.begin(), record.waiters.end(),
                                  [id](const Waiter& waiter) { return waiter.id == id; });
  if (found == record.waiters.end()) return;  // it was answered meanwhile
  if (found->deadline) parts_.timers.cancel(*found->deadline);
  answer(std::move(found->reply),
         tl::unexpected(not_ready(record, {code, fmt::format("{} {}", record.spec().name, message), {}})));
  record.waiters.erase(found);
}

void Core::deny_all(Record& record, const Error& error) {
  for (Waiter& waiter : std::exchange(record.waiters, {})) {
    if (waiter.deadline) parts_.timers.cancel(*waiter.deadline);
    answer(std::move(waiter.reply), tl::unexpected(not_ready(record, error)));
  }
}

void Core::grant(Record& record, std::optional<LeaseUse> use, std::shared_ptr<Reply> reply) {
  if (!use) return answer(std::move(reply), Lease{});
  const State before = record.state();
  record.begin_lease(*use);
  report_state(record, before);
  if (use == LeaseUse::kInference) {
    ++inference_leases_;
    warm_ups_.yield_all();
  }
  answer(std::move(reply), Lease{record.instance(), record.spec().name,
                                 [weak = weak_from_this(), index = record.index(), use = *use](UseResult result) {
                                   if (const auto self = weak.lock()) {
                                     self->post([index, use, result = std::move(result)](Core& core) {
                                       core.assert_on_strand();
                                       core.give_back(index, use, result);
                                     });
                                   }
                                 }});
}

void Core::give_back(std::size_t index, LeaseUse use, const UseResult& result) {
  Record& record = *records_[index];
  const State before = record.state();
  record.end_lease(use, parts_.clock.now());
  report_state(record, before);
  if (use == LeaseUse::kInference) {
    --inference_leases_;
    learn_from_use(record, result);
  }
  if (record.leases() == 0) after_use(record);
  if (inference_leases_ == 0) start_warm_ups_due();
}

void Core::learn_from_use(Record& record, const UseResult& result) {
  switch (judge_use(result, record.is_validated())) {
    case UseVerdict::kServed:
      record.validate();
      if (record.warmth == Warmth::kCold) set_warmth(record, Warmth::kWarm);
      break;
    case UseVerdict::kUnknown:
      break;
    case UseVerdict::kBroken:
      if (record.condemned()) break;
      record.condemn(result->error());
      warm_ups_.yield(record.spec().key);
      events_.on_broken(record.spec(), result->error());
      break;
  }
}

}  // namespace hearth::model
