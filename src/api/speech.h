#pragma once

// POST /v1/audio/speech and GET /v1/audio/voices.
//
// A speech request: a place at the gate (I/O thread) → parse (executor) → lease (registry's strand; no thread waits
// while the model loads) → synthesize, encode, write (executor). The status line leaves with the first sound, so that
// whatever goes wrong before it is still an error with its status. A client that leaves stops the synthesis at its next
// block.

#include "api/context.h"

namespace hearth::api {

void post_speech(Context& context, const ExchangePtr& exchange, const std::string& parameter);
/// ?model=NAME; a model that is not loaded is loaded, for only it knows its voices.
void get_voices(Context& context, const ExchangePtr& exchange, const std::string& parameter);

}  // namespace hearth::api
