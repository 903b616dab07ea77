#include "startup/plan.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace hearth::startup {
namespace {

using Index = Plan::Index;
using base::Code;
using base::fail;
using base::Result;

constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max() / 4;  // room to add without overflow

/// Amounts of the three resources, so that each rule is written once.
struct Amounts {
  static constexpr std::size_t kKinds = 3;
  std::int64_t of[kKinds] = {0, 0, 0};  // cores, disk, memory
  Amounts& operator+=(const Amounts& other) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) of[kind] += other.of[kind];
    return *this;
  }
};

Amounts size_of(const Machine& machine) {
  return {{std::max(machine.cores, 1), std::max(machine.disk, 1),
           machine.memory.count > 0 ? machine.memory.count : kUnbounded}};
}

Amounts wanted(const Uses& uses, const Amounts& size) {
  return {{std::min<std::int64_t>(uses.cores, size.of[0]), std::min<std::int64_t>(uses.disk, size.of[1]),
           std::min(uses.memory.count, size.of[2])}};
}

/// Whether `want` fits on top of `taken`, counting only what it wants any of.
bool fits(const Amounts& want, const Amounts& taken, const Amounts& size) {
  for (std::size_t kind = 0; kind < Amounts::kKinds; ++kind) {
    if (want.of[kind] > 0 && taken.of[kind] + want.of[kind] > size.of[kind]) return false;
  }
  return true;
}

/// Looks for a circle below `task`; `path` holds the way there.
bool find_circle(Index task, const std::vector<std::vector<Index>>& needs, std::vector<int>& colour,
                 std::vector<Index>& path) {
  colour[task] = 1;
  path.push_back(task);
  for (const Index need : needs[task]) {
    if (colour[need] == 1) {
      path.erase(path.begin(), std::find(path.begin(), path.end(), need));
      path.push_back(need);
      return true;
    }
    if (colour[need] == 0 && find_circle(need, needs, colour, path)) return true;
  }
  colour[task] = 2;
  path.pop_back();
  return false;
}

/// Whether `task` need wait no more for `need`.
bool lets_start(AfterFailure after_failure, TaskState need) {
  return need == TaskState::kDone || (after_failure == AfterFailure::kRunsToo && is_settled(need));
}

Result<void> check_node(const Node& node) {
  if (node.name.empty()) return fail(Code::kInvalidArgument, "a start-up task has no name");
  if (node.uses.cores < 0 || node.uses.disk < 0 || node.uses.memory.count < 0) {
    return fail(Code::kInvalidArgument, "start-up task \"" + node.name + "\" uses less than nothing");
  }
  return {};
}

}  // namespace

std::string_view task_state_name(TaskState state) {
  switch (state) {
    case TaskState::kWaiting:
      return "waiting";
    case TaskState::kRunning:
      return "running";
    case TaskState::kRetrying:
      return "retrying";
    case TaskState::kDone:
      return "done";
    case TaskState::kFailed:
      return "failed";
    case TaskState::kBlocked:
      return "blocked";
    case TaskState::kCancelled:
      return "cancelled";
  }
  return "waiting";
}

namespace {

using Needs = std::vector<std::vector<Index>>;

/// Each task's needs as positions, every one once.
Result<Needs> resolve_needs(const std::vector<Node>& nodes) {
  std::map<std::string, Index, std::less<>> index;
  for (Index i = 0; i < nodes.size(); ++i) {
    if (auto ok = check_node(nodes[i]); !ok) return fail(ok.error());
    if (!index.emplace(nodes[i].name, i).second) {
      return fail(Code::kInvalidArgument, "two start-up tasks are called \"" + nodes[i].name + "\"");
    }
  }
  Needs needs(nodes.size());
  for (Index i = 0; i < nodes.size(); ++i) {
    for (const std::string& need : nodes[i].needs) {
      const auto found = index.find(need);
      if (found == index.end()) {
        return fail(Code::kInvalidArgument,
                    "start-up task \"" + nodes[i].name + "\" needs \"" + need + "\", which does not exist");
      }
      if (nodes[i].phase == Phase::kCritical && nodes[found->second].phase == Phase::kBackground) {
        return fail(Code::kInvalidArgument,
                    "critical start-up task \"" + nodes[i].name + "\" needs background task \"" + need + "\"");
      }
      if (std::find(needs[i].begin(), needs[i].end(), found->second) == needs[i].end())
        needs[i].push_back(found->second);
    }
  }
  return needs;
}

Result<void> refuse_circles(const std::vector<Node>& nodes, const Needs& needs) {
  std::vector<int> colour(nodes.size(), 0);
  std::vector<Index> path;
  for (Index i = 0; i < nodes.size(); ++i) {
    if (colour[i] != 0 || !find_circle(i, needs, colour, path)) continue;
    std::string circle;
    for (const Index task : path) circle += (circle.empty() ? "" : " → ") + nodes[task].name;
    return fail(Code::kInvalidArgument, "start-up tasks need each other in a circle: " + circle);
  }
  return {};
}

}  // namespace

Result<Plan> Plan::make(std::vector<Node> nodes, const Durations& last) {
  auto needs = resolve_needs(nodes);
  if (!needs) return fail(std::move(needs.error()));
  if (auto sound = refuse_circles(nodes, *needs); !sound) return fail(std::move(sound.error()));
  Plan plan;
  plan.nodes_.resize(nodes.size());
  for (Index i = 0; i < nodes.size(); ++i) {
    Entry& entry = plan.nodes_[i];
    entry.needs = std::move((*needs)[i]);
    for (const Index need : entry.needs) plan.nodes_[need].dependents.push_back(i);
    const auto known = last.find(nodes[i].name);
    entry.duration = known == last.end() ? kUnknownDuration : std::max(known->second, base::Duration{0});
    entry.node = std::move(nodes[i]);
  }
  plan.rank_all();
  plan.order_all();
  return plan;
}

/// From the ends of the chains to their begins: a task is due when all its dependents have their ranks.
void Plan::rank_all() {
  std::vector<std::size_t> open(size());
  std::vector<Index> due;
  for (Index i = 0; i < size(); ++i) {
    open[i] = nodes_[i].dependents.size();
    if (open[i] == 0) due.push_back(i);
  }
  while (!due.empty()) {
    Entry& entry = nodes_[due.back()];
    due.pop_back();
    base::Duration after{0};
    for (const Index next : entry.dependents) {
      if (nodes_[next].node.phase == entry.node.phase) after = std::max(after, nodes_[next].rank);
    }
    entry.rank = entry.duration + after;
    for (const Index need : entry.needs) {
      if (--open[need] == 0) due.push_back(need);
    }
  }
}

void Plan::order_all() {
  std::vector<TaskState> states(size(), TaskState::kWaiting);
  while (order_.size() < size()) {
    const Index next = ready_set(*this, states).front();
    states[next] = TaskState::kDone;
    order_.push_back(next);
  }
}

std::vector<Index> ready_set(const Plan& plan, std::span<const TaskState> states) {
  std::vector<Index> ready;
  for (Index i = 0; i < plan.size(); ++i) {
    const AfterFailure after_failure = plan.node(i).after_failure;
    const bool may_start =
        std::ranges::all_of(plan.needs(i), [&](Index need) { return lets_start(after_failure, states[need]); });
    if (states[i] == TaskState::kWaiting && may_start) ready.push_back(i);
  }
  std::stable_sort(ready.begin(), ready.end(), [&](Index a, Index b) {
    if (plan.node(a).phase != plan.node(b).phase) return plan.node(a).phase == Phase::kCritical;
    return plan.rank(a) > plan.rank(b);
  });
  return ready;
}

std::vector<Index> choose(const Plan& plan, std::span<const TaskState> states, const Machine& machine) {
  const Amounts size = size_of(machine);
  Amounts taken;     // by what runs
  Amounts promised;  // by background tasks that run and by every critical task that may still come
  for (Index i = 0; i < plan.size(); ++i) {
    const Amounts want = wanted(plan.node(i).uses, size);
    if (states[i] == TaskState::kRunning) taken += want;
    if (plan.node(i).phase == Phase::kCritical ? !is_settled(states[i]) : states[i] == TaskState::kRunning)
      promised += want;
  }
  std::vector<Index> chosen;
  bool is_short[Amounts::kKinds] = {false, false, false};  // a higher task waits for it
  for (const Index task : ready_set(plan, states)) {
    const bool is_background = plan.node(task).phase == Phase::kBackground;
    const Amounts want = wanted(plan.node(task).uses, size);
    const Amounts& bound = is_background ? promised : taken;
    bool overtakes = false;
    for (std::size_t kind = 0; kind < Amounts::kKinds; ++kind) overtakes |= want.of[kind] > 0 && is_short[kind];
    if (!overtakes && fits(want, bound, size)) {
      chosen.push_back(task);
      taken += want;
      if (is_background) promised += want;
      continue;
    }
    for (std::size_t kind = 0; kind < Amounts::kKinds; ++kind) {
      if (want.of[kind] > 0 && bound.of[kind] + want.of[kind] > size.of[kind]) is_short[kind] = true;
    }
  }
  return chosen;
}

std::vector<Blocked> find_blocked(const Plan& plan, std::span<const TaskState> states) {
  std::vector<Blocked> blocked;
  std::vector<std::optional<Index>> causes(plan.size());
  for (const Index task : plan.order()) {
    if (states[task] == TaskState::kFailed || states[task] == TaskState::kCancelled) {
      causes[task] = task;
      continue;
    }
    if (plan.node(task).after_failure == AfterFailure::kRunsToo) continue;
    for (const Index need : plan.needs(task)) {
      if (!causes[task]) causes[task] = causes[need];
    }
    if (causes[task] && states[task] == TaskState::kWaiting) blocked.push_back({task, *causes[task]});
  }
  return blocked;
}

}  // namespace hearth::startup
