#pragma once

// One start of a server from nothing: exec, listening, each model, ready, and the first result of every capability.
// What comes out is for report.h.

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "measure/report.h"

namespace hearth::measure {

/// Drops the page cache of every plain file under `paths` (which may be files too), as far as the system lets us: what
/// another process has mapped stays.
void drop_from_page_cache(const std::vector<std::filesystem::path>& paths);

/// Something that a start came to, told at once: "listening", "kokoro ready", "kokoro failed: …".
struct Step {
  std::string what;
  double ms = 0;  // from exec
};

struct StartPlan {
  std::vector<std::string> command;         // hearth serve --port 0 …
  std::chrono::milliseconds most{120'000};  // until ready; as long again for the first results
  std::string api_key;                      // what the server asks for; empty: nothing. Never printed
  enum class Questions { kAsk, kLeaveOut };
  Questions questions = Questions::kAsk;  // for the first results
  /// Told of each step up to ready while the server starts, one at a time, on this thread or another. May be empty:
  /// then nothing is asked for it.
  std::function<void(const Step&)> on_step{};
};

/// Starts, watches, ends. After ready, one model of each sort is asked once, one after the other: "first audio" is
/// ready plus what that answer's first byte took. A start in which something failed comes back with its failures, and
/// without a "ready" as soon as the server says that it will not be. One that is not ready in time likewise: its
/// failure is that of the task "start", with what was missing. kInternal when the server ended or a capability did not
/// answer.
[[nodiscard]] base::Result<Start> run_start(const StartPlan& plan, Cache cache);

}  // namespace hearth::measure
