#pragma once

#include <string>
#include <vector>

#include "config/resolve.h"
#include "config/settings.h"

namespace hearth::config {

/// One line of `config show`: what holds and where it came from. Secrets are replaced by how many there are.
struct Shown {
  std::string key;
  std::string value;
  Shape shape = Shape::kText;
  std::string origin;
};

/// Every setting in the table's order, then each model's and prefix's that were set.
[[nodiscard]] std::vector<Shown> describe(const Resolved& resolved);

}  // namespace hearth::config
