#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "base/result.h"
#include "config/folders.h"
#include "config/resolve.h"

namespace hearth::config {

/// What a verb needs to know before it does anything.
struct Loaded {
  Resolved resolved;
  Folders folders;
  std::filesystem::path file;  // the file that was read; empty when there was none
  [[nodiscard]] const Config& config() const { return resolved.config; }
};

/// Reads `--config FILE` (then it must exist), else HEARTH_CONFIG, else the XDG file if it is there; resolves it
/// against the environment and the flags. Errors: kNotFound, kPermission, kIo for the file, kInvalidArgument for what
/// it says.
[[nodiscard]] base::Result<Loaded> load(std::span<const Override> overrides,
                                        const std::optional<std::filesystem::path>& file = std::nullopt);

}  // namespace hearth::config
