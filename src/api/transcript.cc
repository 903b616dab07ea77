#include "api/transcript.h"

#include <utility>

namespace hearth::api {

engine::TranscriptionRequest to_engine(const wire::TranscriptionRequest& request, wire::TranscriptTask task) {
  using Engine = engine::TranscriptionRequest;
  return {.task = task == wire::TranscriptTask::kTranslate ? Engine::Task::kTranslate : Engine::Task::kTranscribe,
          .languages = request.languages,
          .prompt = request.prompt,
          .temperature = request.temperature,
          .words = request.words ? Engine::Words::kYes : Engine::Words::kNo,
          .logprobs = request.logprobs ? Engine::Logprobs::kYes : Engine::Logprobs::kNo};
}

std::vector<wire::TranscriptToken> to_wire(const std::vector<engine::TranscribedToken>& tokens) {
  std::vector<wire::TranscriptToken> out;
  for (const engine::TranscribedToken& token : tokens) out.push_back({token.text, token.logprob});
  return out;
}

wire::Transcript to_wire(engine::Transcription&& heard, wire::TranscriptTask task, base::Millis duration) {
  wire::Transcript out{.task = task, .language = {}, .duration = duration, .segments = {}};
  out.language = task == wire::TranscriptTask::kTranslate ? "en" : std::move(heard.language);
  for (engine::TranscribedSegment& segment : heard.segments) {
    wire::TranscriptSegment& one = out.segments.emplace_back();
    one.text = std::move(segment.text);
    one.start = segment.start;
    one.end = segment.end;
    one.tokens = std::move(segment.tokens);
    one.average_logprob = segment.average_logprob;
    one.no_speech_probability = segment.no_speech_probability;
    one.temperature = segment.temperature;
    for (engine::TranscribedWord& word : segment.words) {
      one.words.push_back({std::move(word.text), word.start, word.end});
    }
    one.logprobs = to_wire(segment.logprobs);
  }
  return out;
}

}  // namespace hearth::api
