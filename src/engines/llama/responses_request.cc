#include "engines/llama/responses_request.h"

#include <fmt/core.h>
#include <server-chat.h>

#include <string>

#include "engines/llama/refusal.h"

namespace hearth::engines::llama {
namespace {

bool is_given(const json& request, const char* field) {
  if (!request.contains(field) || request.at(field).is_null()) return false;
  return !request.at(field).is_boolean() || request.at(field).get<bool>();
}

void refuse_what_is_kept(const json& request) {
  for (const char* field : {"previous_response_id", "conversation", "prompt", "background"}) {
    if (!is_given(request, field)) continue;
    throw Refusal(400, "unsupported_value",
                  fmt::format("this server keeps no answers, conversations or prompts, so it takes no '{}'; send the "
                              "whole conversation in 'input'",
                              field),
                  field);
  }
}

/// {"format": {"type": "json_schema", "name", "schema", …}} of 'text' as the chat API's response_format. Null: none.
json response_format_of(const json& text) {
  if (!text.is_object()) throw Refusal(400, "invalid_type", "'text' must be an object", "text");
  const json format = json_value(text, "format", json());
  if (format.is_null()) return nullptr;
  const std::string type = format.is_object() ? json_value(format, "type", std::string()) : std::string();
  if (type == "text") return nullptr;
  if (type == "json_object") return {{"type", type}};
  if (type != "json_schema")
    throw Refusal(400, "invalid_value", "'text.format' must have the type text, json_object or json_schema",
                  "text.format");
  if (!format.contains("schema") || !format.at("schema").is_object())
    throw Refusal(400, "missing_required_parameter", "'text.format.schema' must be an object", "text.format.schema");
  json schema = format;
  schema.erase("type");
  return {{"type", type}, {"json_schema", schema}};
}

}  // namespace

json chat_of_responses(json request) {
  refuse_what_is_kept(request);
  for (const char* field : {"n", "n_cmpl"}) {
    if (is_given(request, field) && json_value(request, field, 0) != 1)
      throw Refusal(400, "unsupported_value", "a response is one answer; ask again for another", field);
  }
  // llama.cpp takes null for a value in these.
  for (const char* field : {"instructions", "max_output_tokens", "reasoning", "tools"}) {
    if (request.contains(field) && request.at(field).is_null()) request.erase(field);
  }
  json format;
  if (is_given(request, "text")) format = response_format_of(request.at("text"));
  json chat = server_chat_convert_responses_to_chatcmpl(request);
  if (chat.contains("text")) chat.erase("text");
  if (!format.is_null()) chat["response_format"] = format;
  return chat;
}

}  // namespace hearth::engines::llama
