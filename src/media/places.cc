#include "media/places.h"

#include <utility>

namespace hearth::media {

Places::Place::Place(Place&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
Places::Place& Places::Place::operator=(Place&& other) noexcept {
  std::swap(from_, other.from_);
  return *this;
}
Places::Place::~Place() {
  if (from_ != nullptr) from_->leave();
}

base::Result<Places::Place> Places::enter(const std::stop_token& stop) {
  // Under the lock, so that the waker cannot ring between a waiter's look and its sleep.
  const std::stop_callback wake(stop, [this] {
    const base::MutexLock lock(mutex_);
    wake_.notify_all();
  });
  const base::MutexLock lock(mutex_);
  ++waiting_;
  while (free_ == 0 && !stop.stop_requested()) wake_.wait(mutex_);
  --waiting_;
  if (stop.stop_requested()) return base::fail(base::Code::kCancelled, "who asked for the file has gone");
  --free_;
  return Place(*this);
}

int Places::waiting() {
  const base::MutexLock lock(mutex_);
  return waiting_;
}

void Places::leave() {
  const base::MutexLock lock(mutex_);
  ++free_;
  wake_.notify_all();
}

}  // namespace hearth::media
