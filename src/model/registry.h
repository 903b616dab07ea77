#pragma once

// The models of this process: which are in memory, who uses them, which come and go. One writer (a strand) decides
// everything; what it decided is published as immutable snapshots. It is not: a downloader (fetch.h), an engine
// (engine/engine.h), a metric (events.h), and it knows no kind of model.
// Threads: every method from any thread. Callbacks run on the registry's strand: they must be short and must not block.
// Start reading at state.h (the life of one model), then policy/ (what is decided), core.h (who decides).

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "model/catalog.h"
#include "model/lease.h"
#include "model/options.h"
#include "model/policy/memory_pressure.h"
#include "model/snapshot.h"
#include "model/wait.h"

namespace hearth::model {

class Core;

/// What to do where a model that is to be unloaded is leased.
enum class IfLeased {
  kRefuse,  // kConflict
  kWait,    // for the leases to end; requests that come meanwhile wait and load it again
};

class Registry {
 public:
  using AcquireCallback = std::function<void(Acquired)>;
  using ReadyCallback = std::function<void(tl::expected<void, NotReady>)>;
  using UnloadCallback = std::function<void(base::Result<UnloadReport>)>;

  Registry(RegistryParts parts, RegistryOptions options, Catalog catalog, Measures known = {});
  /// Shuts down and waits until everything it posted has ended: loads that were told to stop, engines being destroyed.
  /// Leases may outlive it. Not to be called on the registry's executors.
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// A lease on the model that has this name or alias. Loads it where it is not loaded; callers share one load, and a
  /// caller's stop, deadline or absence never ends it. `done` is called exactly once, with a lease or with why not.
  /// A model that failed is tried again no sooner than RegistryOptions::retry_after after the failure; until then its
  /// cause is the answer.
  void acquire_async(std::string_view name, Wait wait, AcquireCallback done, std::stop_token stop = {},
                     LeaseUse use = LeaseUse::kInference);
  /// The same for threads that may block; not on I/O threads nor on the registry's executors.
  [[nodiscard]] Acquired acquire(std::string_view name, Wait wait, std::stop_token stop = {},
                                 LeaseUse use = LeaseUse::kInference);
  /// As acquire_async but without a lease: for preloading, and for whoever asks that a model be loaded.
  void ensure_ready(std::string_view name, Wait wait, ReadyCallback done, std::stop_token stop = {});

  /// Takes a model out of memory, a pinned one too. `done` gets the bytes given back; unloading what is not loaded
  /// gives zero. A failed model's failure is forgiven: its next demand loads at once. Errors: kNotFound, kConflict
  /// (leased or still loading, with kRefuse), kCancelled (the caller's stop: it is no longer told, but the model leaves
  /// all the same), kUnavailable (shutting down).
  void unload(std::string_view name, IfLeased if_leased, UnloadCallback done, std::stop_token stop = {});

  /// Acts on the level at once: kEvictIdle unloads what nobody uses, kRefuseLoads answers new demands with kExhausted.
  void set_pressure(Pressure level);

  /// No new loads from here on: waiting callers get kUnavailable, loads are told to stop, idle models leave memory,
  /// leased ones when they are given back. Returns at once. Idempotent.
  void shutdown();

  /// The last published state. Never blocks; may be stale.
  [[nodiscard]] std::shared_ptr<const RegistrySnapshot> snapshot() const;

 private:
  std::atomic<bool> shutdown_asked_ = false;
  const std::shared_ptr<Core>
      core_;  // shared because a lease's end or a timer may still reach it, and then finds it closed
};

}  // namespace hearth::model
