#pragma once

// What /livez, /readyz and /v2/health/ready answer. Alive: the process answers. Ready: every *required* capability has
// been ready once. It does not flap: a model that loads, idles or unloads later takes nothing back; only a required one
// that *failed* does, until it is ready again, and draining, for good. Readiness that flapped because another model
// loaded is a trap others fell into.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"

namespace hearth::startup {

/// Of one required thing. kPending: neither ready nor failed yet.
enum class Standing { kPending, kReady, kFailed };

enum class ReadyState {
  kStarting,  // something required was never ready yet; /readyz 503
  kReady,     // 200
  kFailed,    // something required failed; 503 with the cause
  kDraining,  // asked to end; 503 until the process is gone
};
[[nodiscard]] std::string_view ready_state_name(ReadyState state);  // "starting", "ready", "failed", "draining"

struct ReadyView {
  ReadyState state = ReadyState::kStarting;
  std::vector<std::string> pending;                         // required, not ready yet, in order of declaration
  std::vector<std::pair<std::string, base::Error>> failed;  // required and failed, each with its cause
  [[nodiscard]] bool ok() const { return state == ReadyState::kReady; }
};

/// One required thing, for the pure part.
struct Required {
  std::string name{};
  Standing standing = Standing::kPending;
  std::optional<base::Error> cause{};
};
/// Whether all of the required things must be ready, or one of them is enough.
enum class Enough { kAll, kAny };
/// PURE. With kAny it is ready when each has either been ready or failed, and one of them is there.
[[nodiscard]] ReadyView judge(const std::vector<Required>& required, Enough enough, bool draining);

/// The required things and what became of them. Names that are not required are ignored, so that a caller may report
/// every model. Any thread; never blocks for longer than a copy. With nothing required it is ready at once.
class Readiness {
 public:
  explicit Readiness(std::vector<std::string> required, Enough enough = Enough::kAll);
  void on_ready(std::string_view name) EXCLUDES(mutex_);
  void on_failed(std::string_view name, base::Error cause) EXCLUDES(mutex_);
  void start_draining() EXCLUDES(mutex_);
  [[nodiscard]] ReadyView view() const EXCLUDES(mutex_);

 private:
  Required* find(std::string_view name) REQUIRES(mutex_);
  const Enough enough_;
  mutable base::Mutex mutex_;
  std::vector<Required> required_ GUARDED_BY(mutex_);
  bool draining_ GUARDED_BY(mutex_) = false;
};

}  // namespace hearth::startup
