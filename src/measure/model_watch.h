#pragma once

// Which models of a server that starts are there already: what its /startup says, read again and again. Not here: when
// the server as a whole is ready (start_run.cc measures that, undisturbed by this).

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "measure/report.h"
#include "net/http_client.h"

namespace hearth::measure {

/// A model that is loaded at the start.
struct ModelLoad {
  enum class State { kPending, kReady, kFailed };
  std::string name;
  State state = State::kPending;
  double ms = 0;      // from exec until it was ready or had failed
  std::string cause;  // why it failed
};

/// What /readyz says.
struct ReadyAnswer {
  bool has_failed = false;        // it will not be ready by itself
  std::vector<Failure> failures;  // of those that it waits for; a ready server may have some too
};

/// PURE. From the document of /startup, in its order; none where it is damaged.
[[nodiscard]] std::vector<ModelLoad> parse_models(std::string_view startup);
/// PURE. The same document's tasks that failed or were blocked, but for those in the background.
[[nodiscard]] std::vector<Failure> parse_failures(std::string_view startup);
/// PURE. Nothing has failed where it is damaged.
[[nodiscard]] ReadyAnswer parse_ready_answer(std::string_view readyz);
/// Of the server at this port of loopback; none when it does not answer within half a minute. Blocks.
[[nodiscard]] std::vector<ModelLoad> ask_models(std::uint16_t port, const std::string& api_key = {});
[[nodiscard]] std::vector<Failure> ask_failures(std::uint16_t port, const std::string& api_key = {});

/// What a server asks for that has keys; nothing for an empty one.
void add_key(net::ClientRequest& request, const std::string& api_key);

/// Tells of each model once, soon after it is ready or has failed. It asks forty times a second on a thread of its own,
/// so that what is measured meanwhile waits for no answer of this.
class ModelWatch {
 public:
  using OnModel = std::function<void(const ModelLoad&)>;
  /// What to do about models whose end is not told yet.
  enum class Rest {
    kAwaited,  // for two seconds: a server is ready a moment before its timeline has the last model
    kLeft,
  };
  /// `on_model` is called on the watch's thread, and by finish() on the caller's; never twice at once. None: nothing
  /// is asked before finish().
  ModelWatch(std::uint16_t port, OnModel on_model, std::string api_key = {});
  ~ModelWatch();
  ModelWatch(const ModelWatch&) = delete;
  ModelWatch& operator=(const ModelWatch&) = delete;
  /// Nothing is asked any more before finish().
  void end();
  /// Ends the watch, looks a last time and tells the rest. All models.
  std::vector<ModelLoad> finish(Rest rest = Rest::kLeft);

 private:
  void run();
  std::vector<ModelLoad> look(base::Millis patience);
  const std::uint16_t port_;
  const OnModel on_model_;
  const std::string api_key_;
  std::set<std::string> told_;  // the watch's thread; finish()'s caller once that has ended
  base::Mutex mutex_;
  base::CondVar ending_changed_;
  bool ending_ GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses the others; none where nobody is to be told
};

}  // namespace hearth::measure
