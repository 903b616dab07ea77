#include "model/lease.h"

#include <utility>

namespace hearth::model {

Lease::Lease(std::shared_ptr<Instance> instance, ModelName name, GiveBack give_back)
    : instance_(std::move(instance)), name_(std::move(name)), give_back_(std::move(give_back)) {}

Lease::Lease(Lease&& other) noexcept
    : instance_(std::move(other.instance_)),
      name_(std::move(other.name_)),
      give_back_(std::exchange(other.give_back_, nullptr)),
      result_(std::move(other.result_)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    reset();
    instance_ = std::move(other.instance_);
    name_ = std::move(other.name_);
    give_back_ = std::exchange(other.give_back_, nullptr);
    result_ = std::move(other.result_);
  }
  return *this;
}

void Lease::note(base::Result<void> result) {
  if (!result_ || *result_) result_ = std::move(result);
}

void Lease::reset() {
  // The engine first: once the registry knows that the lease has ended, it alone may hold the instance.
  instance_.reset();
  if (auto give_back = std::exchange(give_back_, nullptr)) give_back(std::exchange(result_, std::nullopt));
}

}  // namespace hearth::model
