#include "model/lease.h"

#include <utility>

namespace hearth::model {

Lease::Lease(std::shared_ptr<Instance> instance, ModelName name, GiveBack give_back)
    : instance_(std::move(instance)), name_(std::move(name)), give_back_(std::move(give_back)) {}

Lease::Lease(Lease&& other) noexcept
    : instance_(std::move(other.instance_)),
      name_(std::move(other.name_)),
      give_back_(std::exchange(other.give_back_, nullptr)),
      failure_(std::move(other.failure_)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    reset();
    instance_ = std::move(other.instance_);
    name_ = std::move(other.name_);
    give_back_ = std::exchange(other.give_back_, nullptr);
    failure_ = std::move(other.failure_);
  }
  return *this;
}

void Lease::note_failure(const base::Error& why) {
  if (!failure_) failure_ = why;
}

void Lease::reset() {
  // The engine first: once the registry knows that the lease has ended, it alone may hold the instance.
  instance_.reset();
  if (auto give_back = std::exchange(give_back_, nullptr)) give_back(std::exchange(failure_, std::nullopt));
}

}  // namespace hearth::model
