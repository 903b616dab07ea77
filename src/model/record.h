#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/events.h"
#include "model/lease.h"
#include "model/policy/eviction.h"
#include "model/registry.h"
#include "model/reply.h"
#include "model/snapshot.h"
#include "model/spec.h"
#include "model/state.h"

namespace hearth::model {

/// Runs when a caller leaves; by pointer because what it stands in is moved.
using OnStop = std::unique_ptr<std::stop_callback<std::function<void()>>>;

/// A caller that waits for a model.
struct Waiter {
  std::uint64_t id = 0;
  std::optional<LeaseUse> use;  // none: wants it loaded, not leased
  std::shared_ptr<Reply> reply;
  std::optional<base::Timers::Id> deadline;
  OnStop stop;
};

/// A caller that waits for a model to leave memory.
struct Unloader {
  std::uint64_t id = 0;
  Registry::UnloadCallback done;
  OnStop stop;
};

/// The fetch or load under way. `serial` tells a late message of a former one from this one's.
struct LoadUnderWay {
  enum class Phase { kNone, kFetching, kQueued, kRunning, kRetryWait };
  Phase phase = Phase::kNone;
  std::uint64_t serial = 0;
  std::uint64_t turn = 0;  // order of asking, among loads of one mode
  int tries = 0;           // of the present phase: fetches, then loads
  base::Instant asked_at{};
  base::Instant begun_at{};
  double progress = 0;
  std::string stage;
  std::stop_source stop;
};

/// One model from absent to served: its state, its counts and who waits for it. Everything here belongs to the
/// registry's strand; Core (core.h) is the only user. The state changes by apply() alone, and so by the table alone.
class Record {
 public:
  Record(ModelSpec spec, std::size_t index, int group, GroupCap cap);

  [[nodiscard]] const ModelSpec& spec() const { return spec_; }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] int group() const { return group_; }
  [[nodiscard]] GroupCap cap() const { return cap_; }

  [[nodiscard]] State state() const { return state_; }
  /// REQUIRES: the table has `event` for the present state; anything else is our own bug and is asserted. Returns the
  /// state before.
  State apply(Event event);

  /// Each takes part in apply(): the first lease makes an idle model ready, the last one's end makes it idle.
  void begin_lease(LeaseUse use);
  void end_lease(LeaseUse use, base::Instant now);
  [[nodiscard]] int leases() const { return inference_leases_ + look_leases_; }
  [[nodiscard]] bool has_served() const { return has_served_; }
  /// Last end of a real use, or when it became ready. REQUIRES: loaded.
  [[nodiscard]] base::Instant last_used() const { return last_used_; }

  /// Takes an engine in: loading to ready.
  void take_instance(std::shared_ptr<Instance> instance, base::Instant now);
  [[nodiscard]] const std::shared_ptr<Instance>& instance() const { return instance_; }
  /// Hands the engine out: ready or idle to unloading. REQUIRES: no leases.
  [[nodiscard]] std::shared_ptr<Instance> give_instance();
  /// Unloaded for another reason than that it is broken: what was wrong with it counts no more.
  void forgive();

  void fail(base::Error cause, base::Instant retry_at);
  /// Its first inference failed: it leaves memory when the last lease ends, and is failed then. REQUIRES: loaded.
  void condemn(base::Error cause);
  [[nodiscard]] const std::optional<base::Error>& condemned() const { return condemned_; }
  /// An inference has gone well since it was loaded, a synthetic one too.
  void validate();
  [[nodiscard]] bool is_validated() const { return is_validated_; }
  /// First inferences that failed, since one last went well.
  [[nodiscard]] int breaks_in_a_row() const { return breaks_in_a_row_; }
  /// Gives up what was coming, or forgets a failure: to absent.
  void abandon();
  [[nodiscard]] const std::optional<base::Error>& cause() const { return cause_; }
  [[nodiscard]] base::Instant retry_at() const { return retry_at_; }

  [[nodiscard]] Resident resident(base::Bytes reserved, bool warming_up) const;
  [[nodiscard]] ModelSnapshot snapshot(base::Bytes reserved, base::Bytes measured) const;

  // What Core keeps with the model.
  Warmth warmth = Warmth::kCold;
  LoadUnderWay load;
  std::vector<Waiter> waiters;
  bool is_unload_asked = false;     // it leaves when the last lease ends, whether or not who asked for that still waits
  std::vector<Unloader> unloaders;  // who is told
  bool idle_timer_armed = false;
  std::int64_t warm_ups = 0;
  std::optional<base::Duration> last_load;

 private:
  const ModelSpec spec_;
  const std::size_t index_;
  const int group_;
  const GroupCap cap_;
  const std::string digest_;
  State state_ = State::kAbsent;
  int inference_leases_ = 0;
  int look_leases_ = 0;
  bool has_served_ = false;
  bool is_validated_ = false;
  std::optional<base::Error> condemned_;
  int breaks_in_a_row_ = 0;
  base::Instant last_used_{};
  std::shared_ptr<Instance> instance_;
  std::optional<base::Error> cause_;
  base::Instant retry_at_{};
  std::int64_t loads_ = 0;
  std::int64_t failures_ = 0;
};

}  // namespace hearth::model
