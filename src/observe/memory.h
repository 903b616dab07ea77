#pragma once

// How much memory this process has, and giving back what the allocator keeps.

#include <string_view>

#include "base/units.h"

namespace hearth::observe {

/// Fields that the kernel does not tell are zero.
struct MemoryUse {
  base::Bytes resident;       // pages in memory, shared libraries and mapped files included
  base::Bytes proportional;   // the same with shared pages divided by their users
  base::Bytes private_bytes;  // what would come free if the process ended
  base::Bytes anonymous;      // heap and stacks: what no file backs
  base::Bytes swapped;
};

/// PURE. Of /proc/self/smaps_rollup.
[[nodiscard]] MemoryUse parse_smaps_rollup(std::string_view text);
/// PURE. Resident bytes of /proc/self/statm; zero where damaged.
[[nodiscard]] base::Bytes parse_statm(std::string_view text, base::Bytes page_size);

/// Walks the process's page tables: 1 ms for some 300 MB. Not on a request's path. Any thread.
[[nodiscard]] MemoryUse measure_memory();
/// Resident memory only, some 10 µs. Any thread.
[[nodiscard]] base::Bytes resident_memory();

/// Asks the allocator to give free pages back to the system (glibc's malloc_trim; elsewhere nothing). Takes
/// milliseconds and holds the allocator's locks meanwhile: after an unload, not on a request's path. Returns how much
/// the resident set shrank, not less than zero.
base::Bytes return_memory_to_system();

}  // namespace hearth::observe
