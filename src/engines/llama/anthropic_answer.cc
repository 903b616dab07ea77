#include "engines/llama/anthropic_answer.h"

namespace hearth::engines::llama {
namespace {

json start_event(const MessageHead& head) {
  json message = {{"id", head.id}, {"type", "message"}, {"role", "assistant"}, {"content", json::array()}};
  message["model"] = head.model;
  message["stop_reason"] = nullptr;
  message["stop_sequence"] = nullptr;
  message["usage"] = json{{"cache_read_input_tokens", head.cached_tokens},
                          {"input_tokens", head.prompt_tokens - head.cached_tokens},
                          {"output_tokens", 0}};
  return {{"event", "message_start"}, {"data", {{"type", "message_start"}, {"message", message}}}};
}

bool has_sequence(const json& request, const std::string& word) {
  const json sequences = json_value(request, "stop_sequences", json::array());
  if (!sequences.is_array() || word.empty()) return false;
  for (const json& sequence : sequences) {
    if (sequence.is_string() && sequence.get<std::string>() == word) return true;
  }
  return false;
}

}  // namespace

void mend_stop(json& answer, const json& request) {
  const bool is_stopped = json_value(answer, "stop_reason", std::string()) == "end_turn" &&
                          has_sequence(request, json_value(answer, "stop_sequence", std::string()));
  if (is_stopped) {
    answer["stop_reason"] = "stop_sequence";
  } else {
    answer["stop_sequence"] = nullptr;
  }
}

json MessageEvents::on_events(const json& events, const MessageHead& head) {
  json sent = json::array();
  for (json event : events) {
    const std::string type = json_value(event, "event", std::string());
    if (type != "message_start" && !has_begun_) sent.push_back(start_event(head));
    has_begun_ = true;
    json& data = event.at("data");
    if (type == "content_block_start") {
      if (!blocks_.insert(json_value(data, "index", 0)).second) continue;
      json& block = data.at("content_block");
      if (json_value(block, "type", std::string()) == "tool_use") block["input"] = json::object();
    } else if (type == "message_delta") {
      mend_stop(data.at("delta"), request_);
    }
    sent.push_back(event);
  }
  return sent;
}

}  // namespace hearth::engines::llama
