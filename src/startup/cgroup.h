#pragma once

// What a control group leaves to this process. Reads version 2 and version 1, also both side by side, below a given
// root.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace hearth::startup {

struct CgroupLimits {
  std::optional<double> cores;        // time quota in cores' worth; the tightest up the tree
  std::optional<base::Bytes> memory;  // the tightest up the tree
  base::Bytes memory_used;  // of the group that has the tightest limit, without page cache that can be dropped
};

/// PURE. The path of this process's group in /proc/self/cgroup: of `controller` ("cpu", "memory") for version 1, of the
/// line "0::" for an empty one. Paths with ".." are refused.
[[nodiscard]] std::optional<std::string> parse_cgroup_path(std::string_view proc_self_cgroup,
                                                           std::string_view controller);
/// PURE. "200000 100000" is 2 cores; "max 100000" and damage are none.
[[nodiscard]] std::optional<double> parse_cpu_max(std::string_view text);
/// PURE. A count of bytes; "max", version 1's huge numbers and damage are none.
[[nodiscard]] std::optional<base::Bytes> parse_memory_limit(std::string_view text);

/// Files that are missing mean no limit.
[[nodiscard]] CgroupLimits read_cgroup_limits(const std::filesystem::path& root);

}  // namespace hearth::startup
