#pragma once

// The part of `hearth doctor` that is about models. Of those that --models names, where it names any; else of all that
// a server would serve.

#include "app/engine_table.h"
#include "cli/doctor_findings.h"
#include "startup/hardware.h"

namespace hearth::cli {

/// Whether each is here and prepared, what a single core means for them, whether those that load at the start fit into
/// memory, and how long a cold start would read. Loads nothing.
void look_at_models(app::Workshop& workshop, const startup::Hardware& hardware, Findings& findings);

/// Loads each that is configured and here, asks it one thing, and lets it go again.
void ask_models(app::Workshop& workshop, Findings& findings);

}  // namespace hearth::cli
