#pragma once

#include "base/flow.h"

namespace hearth::engine {

/// A sink's answer to what it was given.
using Flow = base::Flow;

}  // namespace hearth::engine
