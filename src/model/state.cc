#include "model/state.h"

namespace hearth::model {

std::string_view state_name(State state) {
  switch (state) {
    case State::kAbsent:
      return "absent";
    case State::kFetching:
      return "fetching";
    case State::kLoading:
      return "loading";
    case State::kReady:
      return "ready";
    case State::kIdle:
      return "idle";
    case State::kUnloading:
      return "unloading";
    case State::kFailed:
      return "failed";
  }
  return "unknown";
}

std::string_view event_name(Event event) {
  switch (event) {
    case Event::kFetchBegun:
      return "fetch_begun";
    case Event::kLoadBegun:
      return "load_begun";
    case Event::kLoaded:
      return "loaded";
    case Event::kFailed:
      return "failed";
    case Event::kLeased:
      return "leased";
    case Event::kLastLeaseEnded:
      return "last_lease_ended";
    case Event::kUnloadBegun:
      return "unload_begun";
    case Event::kUnloaded:
      return "unloaded";
    case Event::kAbandoned:
      return "abandoned";
  }
  return "unknown";
}

std::string_view warmth_name(Warmth warmth) {
  switch (warmth) {
    case Warmth::kCold:
      return "cold";
    case Warmth::kWarming:
      return "warming";
    case Warmth::kWarm:
      return "warm";
    case Warmth::kDegraded:
      return "degraded";
  }
  return "unknown";
}

}  // namespace hearth::model
