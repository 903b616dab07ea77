#include "startup/readiness.h"

#include <algorithm>
#include <utility>

namespace hearth::startup {

std::string_view ready_state_name(ReadyState state) {
  switch (state) {
    case ReadyState::kStarting:
      return "starting";
    case ReadyState::kReady:
      return "ready";
    case ReadyState::kFailed:
      return "failed";
    case ReadyState::kDraining:
      return "draining";
  }
  return "starting";
}

ReadyView judge(const std::vector<Required>& required, Enough enough, bool draining) {
  ReadyView view;
  for (const Required& one : required) {
    if (one.standing == Standing::kFailed) {
      view.failed.emplace_back(one.name, one.cause.value_or(base::Error{}));
    } else if (one.standing == Standing::kPending) {
      view.pending.push_back(one.name);
    }
  }
  const std::size_t bearable = enough == Enough::kAll || required.empty() ? 0 : required.size() - 1;
  view.state = draining                        ? ReadyState::kDraining
               : view.failed.size() > bearable ? ReadyState::kFailed
               : !view.pending.empty()         ? ReadyState::kStarting
                                               : ReadyState::kReady;
  return view;
}

Readiness::Readiness(std::vector<std::string> required, Enough enough) : enough_(enough) {
  base::MutexLock lock(mutex_);
  for (std::string& name : required) {
    if (find(name) == nullptr) required_.push_back({.name = std::move(name)});
  }
}

Required* Readiness::find(std::string_view name) {
  const auto found =
      std::find_if(required_.begin(), required_.end(), [&](const Required& one) { return one.name == name; });
  return found == required_.end() ? nullptr : &*found;
}

void Readiness::on_ready(std::string_view name) {
  base::MutexLock lock(mutex_);
  if (Required* one = find(name)) {
    one->standing = Standing::kReady;
    one->cause.reset();
  }
}

void Readiness::on_failed(std::string_view name, base::Error cause) {
  base::MutexLock lock(mutex_);
  if (Required* one = find(name)) {
    one->standing = Standing::kFailed;
    one->cause = std::move(cause);
  }
}

void Readiness::start_draining() {
  base::MutexLock lock(mutex_);
  draining_ = true;
}

ReadyView Readiness::view() const {
  base::MutexLock lock(mutex_);
  return judge(required_, enough_, draining_);
}

}  // namespace hearth::startup
