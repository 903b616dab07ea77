#pragma once

// hearth.toml as plain data. The TOML library ends in toml_source.cc.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/values.h"

namespace hearth::config {

struct TomlEntry {
  std::string key;  // "server.port", or within a table of an array its own key
  Value value;
  int line = 0;
};

/// One [[name]] table.
struct TomlTable {
  std::string name;  // "models"; for a table inside another, its own key ("files")
  int line = 0;
  std::vector<TomlEntry> entries;
  std::vector<TomlTable> tables;
};

struct TomlDocument {
  std::vector<TomlEntry> entries;
  std::vector<TomlTable> tables;
};

/// kInvalidArgument with file, line and what is wrong.
[[nodiscard]] base::Result<TomlDocument> read_toml(std::string_view text, std::string_view file_name);

}  // namespace hearth::config
