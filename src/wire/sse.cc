#include "wire/sse.h"

#include "base/base64.h"
#include "wire/json_out.h"

namespace hearth::wire {

std::string sse_event(std::string_view json) { return std::string("data: ").append(json).append("\n\n"); }

std::string speech_delta_event(std::string_view sound) {
  return sse_event(R"({"type":"speech.audio.delta","audio":")" + base::encode_base64(sound) + "\"}");
}

std::string speech_done_event(const SpeechUsage& usage) {
  const Json event = {{"type", "speech.audio.done"},
                      {"usage",
                       {{"input_tokens", usage.input_tokens},
                        {"output_tokens", usage.output_tokens},
                        {"total_tokens", usage.input_tokens + usage.output_tokens}}}};
  return sse_event(dump(event));
}

}  // namespace hearth::wire
