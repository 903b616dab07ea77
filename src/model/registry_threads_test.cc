// The registry on real threads: what the thread sanitizer is to see.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/thread_pool.h"
#include "base/timer_thread.h"
#include "model/registry.h"
#include "testing/fake_engine.h"

namespace hearth::model {
namespace {

using base::Bytes;
using base::Code;
using base::Millis;

class Threads : public ::testing::TestWithParam<int> {
 protected:
  ModelSpec spec(const std::string& name, std::int64_t bytes = 100) {
    ModelSpec out;
    out.name = name;
    out.kind = "fake";
    out.key = ModelKey::make("fake", {{"model", name}}, {});
    out.file_bytes = Bytes{bytes};
    out.warm_up = WarmUp::kAfterReady;
    out.load = loader.load();
    return out;
  }
  void open(std::vector<ModelSpec> specs, RegistryOptions options = {}) {
    registry.emplace(RegistryParts{.clock = clock,
                                   .timers = timers,
                                   .strand = strand,
                                   .loads = loads,
                                   .background = background,
                                   .resident = {},
                                   .return_memory = {}},
                     std::move(options), Catalog::make(std::move(specs)).value());
  }
  testing::FakeLoader loader;
  base::SteadyClock clock;
  base::TimerThread timers;
  base::ThreadPool strand{"strand", GetParam()};
  base::ThreadPool loads{"loads", GetParam()};
  base::ThreadPool background{"background", GetParam()};
  std::optional<Registry> registry;
};

TEST_P(Threads, TwoHundredFirstRequestsMakeOneLoadAndAtMostOneWarmUp) {
  open({spec("tts")});
  loader.hold();
  std::atomic<int> served = 0;
  {
    std::latch start(200);
    std::vector<std::jthread> clients;
    for (int i = 0; i < 200; ++i) {
      clients.emplace_back([&] {
        start.arrive_and_wait();
        Acquired lease = registry->acquire("tts", Wait::forever());
        if (lease && lease->engine().speech_synthesizer() == nullptr) ++served;
      });
    }
    loader.wait_for_loads(1);
    loader.release();
  }
  EXPECT_EQ(served, 200);
  EXPECT_EQ(loader.loads(), 1);
  EXPECT_LE(loader.warm_ups(), 1);
}

TEST_P(Threads, AClientThatStopsWaitingIsAnsweredWhileTheLoadGoesOn) {
  open({spec("tts")});
  loader.hold();
  std::stop_source gone;
  auto client =
      std::async(std::launch::async, [&] { return registry->acquire("tts", Wait::forever(), gone.get_token()); });
  loader.wait_for_loads(1);
  gone.request_stop();
  const Acquired answer = client.get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, Code::kCancelled);
  loader.release();
  EXPECT_TRUE(registry->acquire("tts", Wait::forever()));
  EXPECT_EQ(loader.loads(), 1);
}

TEST_P(Threads, ADeadlineOnTheRealClockIsKept) {
  open({spec("tts")});
  loader.hold();
  const Acquired answer = registry->acquire("tts", Wait::until(clock.now() + Millis{5}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, Code::kTimedOut);
  loader.release();
}

TEST_P(Threads, EndsWithLoadsInFlightWithoutHangingOrLeaking) {
  open({spec("a"), spec("b"), spec("c")});
  loader.hold();
  std::vector<std::jthread> clients;
  std::atomic<int> refused = 0;
  std::latch asked(3);
  for (const char* name : {"a", "b", "c"}) {
    clients.emplace_back([&, name] {
      registry->acquire_async(name, Wait::forever(), [&](Acquired acquired) {
        if (!acquired && acquired.error().error.code == Code::kUnavailable) ++refused;
      });
      asked.count_down();
    });
  }
  asked.wait();
  loader.wait_for_loads(1);
  registry.reset();  // never released: the stop token ends them
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(loader.alive(), 0);
}

TEST_P(Threads, ALeaseMayOutliveTheRegistry) {
  open({spec("tts")});
  Acquired lease = registry->acquire("tts", Wait::forever());
  ASSERT_TRUE(lease);
  registry.reset();
  EXPECT_EQ(loader.alive(), 1);
  EXPECT_TRUE((*lease)->warm_up({}).has_value());
  lease->reset();
  EXPECT_EQ(loader.alive(), 0);
}

TEST_P(Threads, ManyClientsOnModelsThatDoNotFitTogetherAreAllServed) {
  RegistryOptions options;
  options.budget = Bytes{250};
  options.estimate_factor = 1.0;
  open({spec("a"), spec("b"), spec("c"), spec("d")}, std::move(options));
  std::atomic<int> served = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&, i] {
        for (int round = 0; round < 25; ++round) {
          const std::string name(1, static_cast<char>('a' + (i + round) % 4));
          if (Acquired lease = registry->acquire(name, Wait::forever())) ++served;
          if (round % 10 == 9) registry->unload(name, IfLeased::kRefuse, [](auto) {});
          (void)registry->snapshot()->find(name);
        }
      });
    }
  }
  EXPECT_EQ(served, 200);
  EXPECT_LE(loader.alive(), 2);
}

INSTANTIATE_TEST_SUITE_P(Pools, Threads, ::testing::Values(1, 4));

}  // namespace
}  // namespace hearth::model
