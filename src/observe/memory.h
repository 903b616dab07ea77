#pragma once

// How much memory this process has, and giving back what the allocator keeps.

#include <string_view>

#include "base/units.h"

namespace hearth::observe {

/// PURE. Resident bytes of /proc/self/statm; zero where damaged.
[[nodiscard]] base::Bytes parse_statm(std::string_view text, base::Bytes page_size);

/// Pages in memory, shared libraries and mapped files included. Some 10 µs; any thread.
[[nodiscard]] base::Bytes resident_memory();

/// Asks the allocator to give free pages back to the system (glibc's malloc_trim; elsewhere nothing). Takes
/// milliseconds and holds the allocator's locks meanwhile: after an unload, not on a request's path. Returns how much
/// the resident set shrank, not less than zero.
base::Bytes return_memory_to_system();

}  // namespace hearth::observe
