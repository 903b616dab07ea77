#pragma once

#include <stop_token>

#include "base/result.h"
#include "engine/engine.h"
#include "model/spec.h"

namespace hearth::model {

/// Where a model's files come from; app/ joins it to the store.
class Fetch {
 public:
  virtual ~Fetch() = default;
  /// Whether nothing needs fetching. Called on the registry's strand: at most one look at each file's size, never its
  /// bytes.
  [[nodiscard]] virtual bool is_present(const ModelSpec& model) = 0;
  /// Brings the files. Blocks, on the background executor; stops soon after `stop` with kCancelled. Permanent errors
  /// (base::is_permanent) are not tried again. Where fetching is not wanted: kNotFound with the command that fetches.
  [[nodiscard]] virtual base::Result<void> fetch(const ModelSpec& model, const engine::LoadProgress& progress,
                                                 std::stop_token stop) = 0;
};

}  // namespace hearth::model
