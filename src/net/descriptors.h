#pragma once

// How many files this process may have open at once, sockets among them (RLIMIT_NOFILE).

#include <cstddef>
#include <cstdint>

namespace hearth::net {

/// What a server has open besides its connections: files of models, pipes to programs, clients that are turned away.
inline constexpr std::uint64_t kOtherDescriptors = 256;

struct DescriptorPlan {
  std::uint64_t soft = 0;       // the soft limit to have; never below the present one
  std::size_t connections = 0;  // how many fit; at least 1
};
/// What to do about `connections` wished for where the limits are `soft` and `hard`. Pure.
[[nodiscard]] DescriptorPlan plan_descriptors(std::uint64_t soft, std::uint64_t hard, std::size_t connections);

/// Raises this process's soft limit as far as `connections` need it and the hard limit lets it. How many connections
/// there may be then; where these are fewer, that is logged. Any thread.
[[nodiscard]] std::size_t ensure_descriptors(std::size_t connections);

}  // namespace hearth::net
