#pragma once

// Which tasks to start now. PURE: no clock, thread, log or lock; the runner keeps the states and asks again after each
// change.
//
// The rules, in order:
// 1. A task may start when all it needs has succeeded, or, where it only wanted to come later, has settled.
//
// 2. Critical tasks go by their rank: the time from the task's begin to the end of the longest chain of critical tasks
// that wait for it, by the last start's durations (kUnknownDuration where there is none). Equal ranks go in order of
// declaration. Background tasks follow, by the same rank among themselves.
//
// 3. A task that does not fit keeps what it is short of: a lower task that also wants that resource does not overtake
// it, one that does not want it may start. So two big loads follow one another, and neither starves.
//
// 4. A background task starts only if *all* critical tasks that are not settled yet, what runs already, and it would
// fit on the machine at once. That is what "never delays a critical task" means here: however the critical tasks come
// to be runnable, none finds a core, the disk or memory taken by a background task. On a small machine the background
// so waits for the end of the critical phase; on a large one it starts beside it.

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "startup/task.h"

namespace hearth::startup {

/// What tasks may use together. Cores and memory come from the hardware probe.
struct Machine {
  int cores = 1;
  int disk = 100;  // percent: one task that reads at full speed at a time
  /// For what tasks take while they run; what models keep is the registry's budget. 0: not known, no bound.
  base::Bytes memory{};
};

/// Task name to how long it took; what journal.h keeps from start to start.
using Durations = std::map<std::string, base::Duration, std::less<>>;

/// What a task that never ran is taken to last, for the ranks only.
inline constexpr base::Duration kUnknownDuration = base::Millis{50};

enum class TaskState {
  kWaiting,  // for what it needs, or for room
  kRunning,
  kRetrying,  // a try failed; waits for the next, holding nothing
  kDone,
  kFailed,     // with its cause
  kBlocked,    // what it needs failed; never ran
  kCancelled,  // the start was stopped first
};
[[nodiscard]] std::string_view task_state_name(TaskState state);  // "waiting", "running", …
/// Whether nothing will change it any more.
[[nodiscard]] constexpr bool is_settled(TaskState state) {
  return state != TaskState::kWaiting && state != TaskState::kRunning && state != TaskState::kRetrying;
}

/// What the plan knows of a task.
struct Node {
  std::string name{};
  Phase phase = Phase::kCritical;
  std::vector<std::string> needs{};
  Uses uses{};
  AfterFailure after_failure = AfterFailure::kBlocked;
};

/// A valid set of tasks in order. Immutable once made.
class Plan {
 public:
  using Index = std::size_t;  // the position among the nodes given to make()

  /// kInvalidArgument, naming the tasks, where: a name is empty or there twice, a need is unknown, tasks need each
  /// other in a circle (the message shows it: "a → b → a"), a critical task needs a background one, or a use is
  /// negative.
  [[nodiscard]] static base::Result<Plan> make(std::vector<Node> nodes, const Durations& last = {});

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] const Node& node(Index task) const { return nodes_[task].node; }
  [[nodiscard]] const std::vector<Index>& needs(Index task) const { return nodes_[task].needs; }
  /// From this task's begin to the end of the longest chain of its phase after it, by the durations given to make().
  [[nodiscard]] base::Duration rank(Index task) const { return nodes_[task].rank; }
  /// An order in which every task comes after what it needs; of those that could come next, the highest rank first.
  [[nodiscard]] const std::vector<Index>& order() const { return order_; }

 private:
  struct Entry {
    Node node;
    std::vector<Index> needs, dependents;
    base::Duration duration{}, rank{};
  };
  void rank_all();
  void order_all();

  std::vector<Entry> nodes_;
  std::vector<Index> order_;
};

/// Tasks that wait for nothing but room: they are kWaiting, and rule 1 lets them start.
[[nodiscard]] std::vector<Plan::Index> ready_set(const Plan& plan, std::span<const TaskState> states);

/// Tasks to start now, in this order, by the rules above. `states` has one entry a task.
[[nodiscard]] std::vector<Plan::Index> choose(const Plan& plan, std::span<const TaskState> states,
                                              const Machine& machine);

/// Waiting tasks that are never to run because something they need failed, was blocked or cancelled; each with the
/// *first* cause, which is a task that is kFailed or kCancelled itself.
struct Blocked {
  Plan::Index task, cause;
};
[[nodiscard]] std::vector<Blocked> find_blocked(const Plan& plan, std::span<const TaskState> states);

}  // namespace hearth::startup
