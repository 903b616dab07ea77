// A random walk over everything that can happen to a registry, with the promises checked after every step.

#include <gtest/gtest.h>

#include <random>

#include "model/fake_world.h"
#include "model/registry.h"

namespace hearth::model {
namespace {

using base::Bytes;
using base::Code;
using base::Millis;

class Walk {
 public:
  explicit Walk(std::uint64_t seed) : random_(seed) {
    world_.options.budget = Bytes{300};
    world_.options.max_loading = 2;
    world_.options.groups["language"] = {.max_loading = 1, .max_loaded = 2};
    for (int i = 0; i < 6; ++i) {
      const std::string name = "m" + std::to_string(i);
      ModelSpec& spec = world_.add(name, Bytes{40 + 20 * i});
      spec.group = i < 3 ? "language" : "other";
      spec.pinned = i == 3;
      spec.mode = static_cast<LoadMode>(pick(3));
      spec.warm_up = static_cast<WarmUp>(pick(3));
      if (pick(2) == 0) spec.ttl = Millis{2000};
      names_.push_back(name);
    }
  }

  void step() {
    const std::string& name = names_[pick(names_.size())];
    switch (pick(14)) {
      case 0:
      case 1:
      case 2:
        ask(name, Wait::forever());
        break;
      case 3:
        ask(name, Wait::none());
        break;
      case 4:
        ask(name, Wait::until(world_.clock.now() + Millis{pick(2000)}));
        break;
      case 5:
      case 6:
        give_one_back();
        break;
      case 7:
        world_.strand.run_one();
        break;
      case 8:
        world_.loads.run_one();
        break;
      case 9:
        world_.background.run_one();
        break;
      case 10:
        world_.clock.advance(Millis{pick(3000)});
        break;
      case 11:
        world_.registry().unload(name, pick(2) ? IfLeased::kWait : IfLeased::kRefuse, [](auto) {});
        break;
      case 12:
        fail_or_leave(name);
        break;
      case 13:
        world_.decide();
        break;
    }
    check();
  }

  /// Everybody lets go, time passes: nobody may be left waiting.
  void settle() {
    for (int round = 0; round < 200; ++round) {
      world_.run();
      while (give_one_back()) {
      }
      world_.pass(Millis{1000});
      check();
    }
    for (const Ticket* ticket : waiting_) EXPECT_FALSE(ticket->waits()) << "a caller that nobody answered";
    EXPECT_EQ(world_.registry().snapshot()->queued, 0);
  }

 private:
  std::uint64_t pick(std::uint64_t n) { return random_() % n; }

  void ask(const std::string& name, Wait wait) {
    std::stop_token stop;
    if (pick(3) == 0) stop = clients_.emplace_back().get_token();
    Ticket& ticket = world_.ask(name, wait, stop, pick(5) == 0 ? LeaseUse::kLook : LeaseUse::kInference);
    waiting_.push_back(&ticket);
  }
  bool give_one_back() {
    for (Ticket*& ticket : waiting_) {
      if (!ticket->ok() || !ticket->answer->value()) continue;
      switch (pick(6)) {
        case 0:
          ticket->give_back_failed(Code::kInternal);
          break;
        case 1:
          ticket->give_back_failed(Code::kInvalidArgument);
          break;
        default:
          ticket->give_back();
      }
      std::swap(ticket, waiting_.back());
      waiting_.pop_back();
      return true;
    }
    return false;
  }
  void fail_or_leave(const std::string& name) {
    if (pick(2) == 0) {
      world_.loader(name).fail_next({pick(2) ? Code::kIo : Code::kCorrupt, "made to fail", {}});
    } else if (!clients_.empty()) {
      clients_[pick(clients_.size())].request_stop();
    }
  }

  void check() {
    // A lease in a caller's hand means a living, loaded engine: nothing leased was evicted or unloaded.
    std::map<std::string, int> held;
    for (const Ticket* ticket : waiting_) {
      if (ticket->ok() && ticket->answer->value()) ++held[ticket->answer->value().name()];
    }
    const auto snapshot = world_.registry().snapshot();
    for (const auto& [name, count] : held) {
      const ModelSnapshot& model = *snapshot->find(name);
      ASSERT_TRUE(is_loaded(model.state)) << name << " is " << state_name(model.state);
      ASSERT_GE(model.leases, count);
      ASSERT_EQ(world_.loader(name).alive(), 1);
    }
    ASSERT_EQ(world_.over_budget, 0) << "a load was admitted beyond the budget";
    ASSERT_LE(snapshot->committed, snapshot->budget);
    ASSERT_LE(snapshot->loading, 2);
    Bytes sum;
    int language = 0;
    for (const ModelSnapshot& model : snapshot->models) {
      sum += model.reserved;
      ASSERT_LE(world_.loader(model.name).alive(), 1) << "two instances of one key";
      ASSERT_EQ(model.state == State::kFailed, model.state == State::kFailed && model.cause.has_value());
      const bool in_memory = model.reserved > Bytes{};
      if (in_memory && (model.name == "m0" || model.name == "m1" || model.name == "m2")) ++language;
      if (model.name == "m3") {
        ASSERT_FALSE(evicted(model.name)) << "a pinned model was evicted";
      }
    }
    ASSERT_EQ(sum, snapshot->committed);
    ASSERT_LE(language, 2);
    for (const auto& [from, to] : world_.events.steps) {
      bool allowed = false;
      for (const auto& next : kTransitions[static_cast<std::size_t>(from)]) allowed |= next == to;
      ASSERT_TRUE(allowed) << state_name(from) << " to " << state_name(to);
    }
    world_.events.steps.clear();
  }
  [[nodiscard]] bool evicted(const std::string& name) const {
    for (const std::string& line : world_.events.unloads) {
      if (line == name + " evicted" || line == name + " idle" || line == name + " pressure") return true;
    }
    return false;
  }

  std::mt19937_64 random_;
  World world_;
  std::vector<std::string> names_;
  std::vector<Ticket*> waiting_;
  std::deque<std::stop_source> clients_;
};

TEST(RegistryRandomWalk, KeepsItsPromisesOnEveryPath) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Walk walk(seed);
    for (int i = 0; i < 400; ++i) {
      walk.step();
      if (HasFatalFailure()) return;
    }
    walk.settle();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace hearth::model
