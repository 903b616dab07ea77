#include "wire/sse.h"

#include "wire/json_out.h"

namespace hearth::wire {

std::string sse_event(std::string_view json) { return std::string("data: ").append(json).append("\n\n"); }

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const unsigned three = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    out.push_back(kDigits[three >> 18U]);
    out.push_back(kDigits[three >> 12U & 63U]);
    out.push_back(i + 1 < bytes.size() ? kDigits[three >> 6U & 63U] : '=');
    out.push_back(i + 2 < bytes.size() ? kDigits[three & 63U] : '=');
  }
  return out;
}

std::string speech_delta_event(std::string_view sound) {
  return sse_event(R"({"type":"speech.audio.delta","audio":")" + base64(sound) + "\"}");
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
