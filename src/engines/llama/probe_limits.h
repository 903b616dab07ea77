#pragma once

// What hearth-probe may take to open files on trial. It is there for files that would compute or take memory for ever,
// so it must grow with what sound files of that size need: a large model that is slow is not damaged. Pure.

#include "base/units.h"

namespace hearth::engines::llama {

enum class ProbeSight { kBlind, kSeeing };  // without a projector, with one

struct ProbeLimits {
  base::Millis processor;  // of all its threads
  base::Bytes address;     // of address space
  base::Millis wall;       // for the one who waits for it: it hangs
};

/// For a model, its further parts and its projector, `files` bytes together.
[[nodiscard]] ProbeLimits probe_limits(base::Bytes files, ProbeSight sight);

}  // namespace hearth::engines::llama
