#pragma once

#include <functional>
#include <utility>

#include "model/lease.h"

namespace hearth::model {

/// A caller's callback that is called exactly once: with an answer, or at destruction with kUnavailable, so that
/// nothing that gets lost at shut-down leaves a thread waiting.
class Reply {
 public:
  explicit Reply(std::function<void(Acquired)> callback) : callback_(std::move(callback)) {}
  ~Reply() {
    answer(
        tl::unexpected(NotReady{.error = {base::Code::kUnavailable, "the server is shutting down", {}}, .stage = {}}));
  }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  void answer(Acquired acquired) {
    if (auto callback = std::exchange(callback_, nullptr)) callback(std::move(acquired));
  }

 private:
  std::function<void(Acquired)> callback_;
};

}  // namespace hearth::model
