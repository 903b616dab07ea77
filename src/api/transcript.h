#pragma once

// Between the wire's transcription and the engine's, which know nothing of each other. Pure.

#include <vector>

#include "engine/transcriber.h"
#include "wire/transcription_documents.h"

namespace hearth::api {

[[nodiscard]] engine::TranscriptionRequest to_engine(const wire::TranscriptionRequest& request,
                                                     wire::TranscriptTask task);
[[nodiscard]] std::vector<wire::TranscriptToken> to_wire(const std::vector<engine::TranscribedToken>& tokens);
/// `duration`: of the sound. A translation is English, whatever was spoken.
[[nodiscard]] wire::Transcript to_wire(engine::Transcription&& heard, wire::TranscriptTask task, base::Millis duration);

}  // namespace hearth::api
