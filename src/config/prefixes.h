#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace hearth::config {

/// The [[prefix]] entries of a model: those that name it, and those that its own entry names. They point into `config`.
[[nodiscard]] std::vector<const Prefix*> prefixes_of(const Config& config, std::string_view model);

/// kInvalidArgument for the first entry that cannot be: without a proper id, a second of its id, without a text or with
/// two, with a file that depends on where Hearth is started, or of no model.
[[nodiscard]] base::Result<void> check_prefixes(const Config& config);

}  // namespace hearth::config
