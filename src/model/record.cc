#include "model/record.h"

#include <cassert>
#include <utility>

namespace hearth::model {

Record::Record(ModelSpec spec, std::size_t index, int group, GroupCap cap)
    : spec_(std::move(spec)), index_(index), group_(group), cap_(cap), digest_(spec_.key.digest()) {}

State Record::apply(Event event) {
  const State before = state_;
  const std::optional<State> next = next_state(before, event);
  assert(next && "a transition that the table does not have");
  if (next) state_ = *next;
  return before;
}

void Record::begin_lease(LeaseUse use) {
  apply(Event::kLeased);
  ++(use == LeaseUse::kInference ? inference_leases_ : look_leases_);
}

void Record::end_lease(LeaseUse use, base::Instant now) {
  int& count = use == LeaseUse::kInference ? inference_leases_ : look_leases_;
  assert(count > 0);
  --count;
  if (use == LeaseUse::kInference) {
    has_served_ = true;
    last_used_ = now;
  }
  if (leases() == 0) apply(Event::kLastLeaseEnded);
}

void Record::take_instance(std::shared_ptr<Instance> instance, base::Instant now) {
  apply(Event::kLoaded);
  instance_ = std::move(instance);
  last_used_ = now;
  has_served_ = is_validated_ = false;
  cause_.reset();
  ++loads_;
}

std::shared_ptr<Instance> Record::give_instance() {
  assert(leases() == 0);
  apply(Event::kUnloadBegun);
  cause_ = std::exchange(condemned_, std::nullopt);  // told while it unloads too
  return std::exchange(instance_, nullptr);
}

void Record::forgive() { cause_.reset(); }

void Record::fail(base::Error cause, base::Instant retry_at) {
  apply(Event::kFailed);
  cause_ = std::move(cause);
  retry_at_ = retry_at;
  ++failures_;
}

void Record::condemn(base::Error cause) {
  assert(is_loaded(state_));
  if (condemned_) return;
  condemned_ = std::move(cause);
  ++breaks_in_a_row_;
}

void Record::validate() {
  is_validated_ = true;
  breaks_in_a_row_ = 0;
}

void Record::abandon() {
  apply(Event::kAbandoned);
  cause_.reset();
}

Resident Record::resident(base::Bytes reserved, bool warming_up) const {
  return {.id = index_,
          .group = group_,
          .bytes = reserved,
          .last_used = last_used_,
          .in_use = leases() > 0 || warming_up,
          .loaded = is_loaded(state_),
          .pinned = spec_.pinned && state_ != State::kUnloading,
          .has_served = has_served_};
}

ModelSnapshot Record::snapshot(base::Bytes reserved, base::Bytes measured) const {
  const bool loaded = is_loaded(state_);
  ModelSnapshot out;
  out.name = spec_.name;
  out.aliases = spec_.aliases;
  out.kind = spec_.kind;
  out.key = digest_;
  out.mode = spec_.mode;
  out.pinned = spec_.pinned;
  out.state = state_;
  out.warmth = warmth;
  out.stage = is_coming(state_) ? load.stage : std::string{};
  out.progress = loaded ? 1.0 : is_coming(state_) ? load.progress : 0.0;
  out.cause = condemned_ ? condemned_ : cause_;
  out.reserved = reserved;
  out.measured = measured;
  out.leases = leases();
  out.waiting = static_cast<int>(waiters.size());
  out.loads = loads_;
  out.failures = failures_;
  out.warm_ups = warm_ups;
  out.last_load = last_load;
  if (loaded && inference_leases_ == 0) out.idle_since = last_used_;
  return out;
}

}  // namespace hearth::model
