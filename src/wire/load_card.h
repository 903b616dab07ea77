#pragma once

#include <cstdint>
#include <string>

namespace hearth::wire {

/// How far a load is that somebody did not wait for.
struct LoadCard {
  std::string state;         // "fetching", "loading"
  std::string stage;         // "queued", "open", …; may be empty
  double progress = 0;       // 0 … 1
  double elapsed_ms = 0;     // since it was asked for
  std::int64_t wait_ms = 0;  // what is expected to be left; Retry-After says the same in whole seconds
};

}  // namespace hearth::wire
