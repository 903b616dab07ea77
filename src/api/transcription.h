#pragma once

// POST /v1/audio/transcriptions and /v1/audio/translations.
//
// A request: a place at the gate (I/O thread) → parse (executor) → the file is decoded (executor) while the model is
// leased, and loaded where it must be (registry's strand) → transcribe and answer (executor). Whichever of file and
// model fails first is told at once. A streamed answer's status line leaves with the first text, so that whatever goes
// wrong before it is still an error with its status. A client that leaves stops the decoder at its next block and the
// model at its next step; a request that waits for a thread goes at once, with its sound and its lease.

#include "api/context.h"

namespace hearth::api {

void post_transcription(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void post_translation(Context& context, const ExchangePtr& exchange, const std::string& parameter);

}  // namespace hearth::api
