#pragma once

// Whether this processor has what the program was compiled for. A build for one machine (HEARTH_NATIVE) would else end
// at some instruction of another, without a word.

#include <span>

namespace hearth::base {

/// One instruction set.
struct CpuFeature {
  const char* name;     // as GCC calls it
  bool is_compiled_in;  // the compiler was free to use it
  bool (*is_here)();    // this processor has it, and the system lets programs use it
};

/// Every instruction set that -march=native may bring into a program: what a compiler uses by itself, and what kernels
/// are written for. Left out are those that only a system or a program written for them asks for (rdrand, rtm, pku and
/// the like), which a hypervisor or new microcode may take away from the very machine that built. Empty where no list
/// was made (only x86-64 has one).
[[nodiscard]] std::span<const CpuFeature> cpu_features();

/// The first that is compiled in and not here; null: none is missing. PURE.
[[nodiscard]] const char* find_missing(std::span<const CpuFeature> features);

}  // namespace hearth::base
