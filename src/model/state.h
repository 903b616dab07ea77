#pragma once

// The life of one model as a table: what may follow what, and nothing else. Pure. Only Record (record.h) applies it.

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace hearth::model {

enum class State {
  kAbsent,     // nothing of it is in memory
  kFetching,   // its files are on the way
  kLoading,    // asked for: waiting for its turn and memory, or opening; the stage says which
  kReady,      // usable: leased, or loaded and not used yet
  kIdle,       // usable: has been leased, nobody holds it now; the idle clock runs
  kUnloading,  // leaving memory
  kFailed,     // the last fetch, load or first inference failed; the cause is kept, the next demand tries again
};
inline constexpr std::size_t kStates = 7;

enum class Event {
  kFetchBegun,
  kLoadBegun,
  kLoaded,
  kFailed,  // a fetch or a load gave an error that is not tried again by itself; or it has left memory because it broke
  kLeased,  // one more lease, the first one too
  kLastLeaseEnded,
  kUnloadBegun,
  kUnloaded,
  kAbandoned,  // given up without an error: shut-down, or a failure that is forgiven
};
inline constexpr std::size_t kEvents = 9;

/// Whether a first request has been paid for by a synthetic or a real one.
enum class Warmth {
  kCold,
  kWarming,
  kWarm,
  kDegraded,  // a warm-up failed: usable, but something is wrong with it
};

using TransitionRow = std::array<std::optional<State>, kEvents>;

/// kTransitions[state][event]; an empty cell is an event that cannot happen in that state.
inline constexpr std::array<TransitionRow, kStates> kTransitions = [] {
  std::array<TransitionRow, kStates> table{};
  const auto put = [&table](State from, Event event, State to) {
    table[static_cast<std::size_t>(from)][static_cast<std::size_t>(event)] = to;
  };
  put(State::kAbsent, Event::kFetchBegun, State::kFetching);
  put(State::kAbsent, Event::kLoadBegun, State::kLoading);

  put(State::kFetching, Event::kLoadBegun, State::kLoading);
  put(State::kFetching, Event::kFailed, State::kFailed);
  put(State::kFetching, Event::kAbandoned, State::kAbsent);

  put(State::kLoading, Event::kLoaded, State::kReady);
  put(State::kLoading, Event::kFailed, State::kFailed);
  put(State::kLoading, Event::kAbandoned, State::kAbsent);

  put(State::kReady, Event::kLeased, State::kReady);
  put(State::kReady, Event::kLastLeaseEnded, State::kIdle);
  put(State::kReady, Event::kUnloadBegun, State::kUnloading);

  put(State::kIdle, Event::kLeased, State::kReady);
  put(State::kIdle, Event::kUnloadBegun, State::kUnloading);

  put(State::kUnloading, Event::kUnloaded, State::kAbsent);
  put(State::kUnloading, Event::kFailed, State::kFailed);

  put(State::kFailed, Event::kFetchBegun, State::kFetching);
  put(State::kFailed, Event::kLoadBegun, State::kLoading);
  put(State::kFailed, Event::kAbandoned, State::kAbsent);
  return table;
}();

/// The state after `event`, or nothing where the event cannot happen.
[[nodiscard]] constexpr std::optional<State> next_state(State state, Event event) {
  return kTransitions[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

/// Whether an engine is in memory and may be leased.
[[nodiscard]] constexpr bool is_loaded(State state) { return state == State::kReady || state == State::kIdle; }
/// Whether somebody's demand is being worked on.
[[nodiscard]] constexpr bool is_coming(State state) { return state == State::kFetching || state == State::kLoading; }

/// One lower-case word for JSON, metrics and logs: "absent", "loading", …
[[nodiscard]] std::string_view state_name(State state);
[[nodiscard]] std::string_view event_name(Event event);
[[nodiscard]] std::string_view warmth_name(Warmth warmth);

}  // namespace hearth::model
