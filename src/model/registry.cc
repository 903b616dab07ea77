#include "model/registry.h"

#include <cassert>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "model/core.h"
#include "model/reply.h"

namespace hearth::model {
namespace {

// One answer on its way from the strand to a thread that waits for it.
class Mailbox {
 public:
  void put(Acquired acquired) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    answer_.emplace(std::move(acquired));
    arrived_.notify_all();
  }
  [[nodiscard]] Acquired take() EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    while (!answer_) arrived_.wait(mutex_);
    return std::move(*answer_);
  }

 private:
  base::Mutex mutex_;
  base::CondVar arrived_;
  std::optional<Acquired> answer_ GUARDED_BY(mutex_);
};

void send(Core& core, Request request) {
  core.post([request = std::move(request)](Core& self) {
    self.assert_on_strand();
    self.request(request);
  });
}

}  // namespace

Registry::Registry(RegistryParts parts, RegistryOptions options, Catalog catalog, Measures known)
    : core_(Core::make(std::move(parts), std::move(options), std::move(catalog), std::move(known))) {}

Registry::~Registry() {
  shutdown();
  core_->wait_until_quiet();
}

void Registry::acquire_async(std::string_view name, Wait wait, AcquireCallback done, std::stop_token stop,
                             LeaseUse use) {
  send(*core_, {.name = ModelName{name},
                .wait = wait,
                .use = use,
                .stop = std::move(stop),
                .reply = std::make_shared<Reply>(std::move(done))});
}

Acquired Registry::acquire(std::string_view name, Wait wait, std::stop_token stop, LeaseUse use) {
  assert(!core_->is_on_strand());
  const auto mailbox = std::make_shared<Mailbox>();
  acquire_async(
      name, wait, [mailbox](Acquired acquired) { mailbox->put(std::move(acquired)); }, std::move(stop), use);
  return mailbox->take();
}

void Registry::ensure_ready(std::string_view name, Wait wait, ReadyCallback done, std::stop_token stop) {
  send(*core_, {.name = ModelName{name},
                .wait = wait,
                .use = {},
                .stop = std::move(stop),
                .reply = std::make_shared<Reply>([done = std::move(done)](Acquired acquired) {
                  if (acquired) {
                    done({});
                  } else {
                    done(tl::unexpected(std::move(acquired.error())));
                  }
                })});
}

void Registry::unload(std::string_view name, IfLeased if_leased, UnloadCallback done, std::stop_token stop) {
  core_->post([name = ModelName{name}, if_leased, done = std::move(done), stop = std::move(stop)](Core& self) {
    self.assert_on_strand();
    self.unload(name, if_leased, done, stop);
  });
}

void Registry::set_pressure(Pressure level) {
  core_->post([level](Core& self) {
    self.assert_on_strand();
    self.set_pressure(level);
  });
}

void Registry::shutdown() {
  if (shutdown_asked_.exchange(true)) return;
  core_->post([](Core& self) {
    self.assert_on_strand();
    self.shutdown();
  });
}

std::shared_ptr<const RegistrySnapshot> Registry::snapshot() const { return core_->snapshot(); }

}  // namespace hearth::model
