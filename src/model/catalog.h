#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/spec.h"

namespace hearth::model {

/// All configured models, one entry a key: models with equal keys are merged, so that two names share one instance.
/// Pure.
class Catalog {
 public:
  /// A merged entry keeps the first name, the most urgent mode and warm-up, is pinned if any is, and has the longest
  /// ttl. Errors: kInvalidArgument for an empty name, a name that stands for two keys, or a spec without a load
  /// function.
  [[nodiscard]] static base::Result<Catalog> make(std::vector<ModelSpec> specs);
  [[nodiscard]] const std::vector<ModelSpec>& specs() const { return specs_; }
  /// Every name and alias, to its index in specs().
  [[nodiscard]] const std::map<ModelName, std::size_t, std::less<>>& names() const { return names_; }

 private:
  std::vector<ModelSpec> specs_;
  std::map<ModelName, std::size_t, std::less<>> names_;
};

}  // namespace hearth::model
