#pragma once

// Where Hearth keeps things, by the XDG base-directory rules: a variable that is empty or not an absolute path is
// ignored.

#include <filesystem>

#include "base/result.h"
#include "config/environment.h"

namespace hearth::config {

struct Folders {
  std::filesystem::path config;  // $XDG_CONFIG_HOME/hearth: hearth.toml
  std::filesystem::path cache;   // $XDG_CACHE_HOME/hearth: all that can be fetched or made again
  std::filesystem::path state;   // $XDG_STATE_HOME/hearth: journals, benchmark records, databases

  [[nodiscard]] std::filesystem::path models() const { return cache / "models"; }
  [[nodiscard]] std::filesystem::path artefacts() const { return cache / "artefacts"; }
  [[nodiscard]] std::filesystem::path config_file() const { return config / "hearth.toml"; }
};

/// Pure: makes nothing, looks at no disk. kNotFound when neither HOME nor the XDG variables say where.
[[nodiscard]] base::Result<Folders> folders_from(const Environment& environment);

}  // namespace hearth::config
