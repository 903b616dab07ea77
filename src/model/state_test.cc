#include "model/state.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace hearth::model {
namespace {

// Written down a second time on purpose: the table and this list must be changed together.
const std::set<std::string>& allowed() {
  static const std::set<std::string> pairs = {
      "absent fetch_begun fetching", "absent load_begun loading",    "fetching load_begun loading",
      "fetching failed failed",      "fetching abandoned absent",    "loading loaded ready",
      "loading failed failed",       "loading abandoned absent",     "ready leased ready",
      "ready last_lease_ended idle", "ready unload_begun unloading", "idle leased ready",
      "idle unload_begun unloading", "unloading unloaded absent",    "failed fetch_begun fetching",
      "failed load_begun loading",   "failed abandoned absent",      "unloading failed failed",
  };
  return pairs;
}

TEST(StateTable, EveryStateAndEventPairIsAsTheDesignSays) {
  std::set<std::string> found;
  for (std::size_t s = 0; s < kStates; ++s) {
    for (std::size_t e = 0; e < kEvents; ++e) {
      const auto state = static_cast<State>(s);
      const auto event = static_cast<Event>(e);
      if (const auto next = next_state(state, event)) {
        found.insert(std::string(state_name(state)) + " " + std::string(event_name(event)) + " " +
                     std::string(state_name(*next)));
      }
    }
  }
  EXPECT_EQ(found, allowed());
}

TEST(StateTable, NoStateIsATrapAndAllAreReachableFromAbsent) {
  for (std::size_t from = 0; from < kStates; ++from) {
    std::set<State> reached{static_cast<State>(from)};
    for (std::size_t round = 0; round < kStates; ++round) {
      for (const State state : std::set<State>(reached)) {
        for (const auto& next : kTransitions[static_cast<std::size_t>(state)]) {
          if (next) reached.insert(*next);
        }
      }
    }
    EXPECT_EQ(reached.size(), kStates) << "from " << state_name(static_cast<State>(from));
  }
}

TEST(StateTable, OnlyALoadedModelCanBeLeased) {
  for (std::size_t s = 0; s < kStates; ++s) {
    const auto state = static_cast<State>(s);
    EXPECT_EQ(next_state(state, Event::kLeased).has_value(), is_loaded(state)) << state_name(state);
  }
}

TEST(StateTable, EveryNameIsAWordOfItsOwn) {
  std::set<std::string_view> states, events;
  for (std::size_t s = 0; s < kStates; ++s) states.insert(state_name(static_cast<State>(s)));
  for (std::size_t e = 0; e < kEvents; ++e) events.insert(event_name(static_cast<Event>(e)));
  EXPECT_EQ(states.size(), kStates);
  EXPECT_EQ(events.size(), kEvents);
  EXPECT_FALSE(states.contains("unknown") || events.contains("unknown"));
}

}  // namespace
}  // namespace hearth::model
