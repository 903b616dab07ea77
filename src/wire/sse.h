#pragma once

// Server-sent events, and the two that speech is streamed with. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::wire {

inline constexpr std::string_view kSseContentType = "text/event-stream";
inline constexpr std::string_view kSseDone = "data: [DONE]\n\n";

/// "data: …\n\n"; `json` must be one line.
[[nodiscard]] std::string sse_event(std::string_view json);

/// {"type":"speech.audio.delta","audio":"<base64>"} as an event.
[[nodiscard]] std::string speech_delta_event(std::string_view sound);

/// A model of our kind has no tokens: input counts characters, output counts 25 ms frames of sound.
struct SpeechUsage {
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
};
/// {"type":"speech.audio.done","usage":{…}} as an event.
[[nodiscard]] std::string speech_done_event(const SpeechUsage& usage);

}  // namespace hearth::wire
