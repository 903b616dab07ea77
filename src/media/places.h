#pragma once

// How many programs run at once. Who gets no place waits for one: on a thread that only works for this file, and never
// while it holds a place, so that waiting ends. Any thread.

#include <stop_token>

#include "base/mutex.h"
#include "base/result.h"

namespace hearth::media {

class Places {
 public:
  explicit Places(int count) : free_(count) {}

  /// One place, given back at its end. Outlived by the Places. Move-only.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept;
    Place& operator=(Place&& other) noexcept;
    ~Place();

   private:
    friend class Places;
    explicit Place(Places& from) : from_(&from) {}
    Places* from_ = nullptr;
  };

  /// Waits for a place. kCancelled soon after `stop`.
  [[nodiscard]] base::Result<Place> enter(const std::stop_token& stop) EXCLUDES(mutex_);
  /// Who waits now; for tests.
  [[nodiscard]] int waiting() EXCLUDES(mutex_);

 private:
  void leave() EXCLUDES(mutex_);
  base::Mutex mutex_;
  base::CondVar wake_;
  int free_ GUARDED_BY(mutex_);
  int waiting_ GUARDED_BY(mutex_) = 0;
};

}  // namespace hearth::media
