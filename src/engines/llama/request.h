#pragma once

// Inside engines/llama only, for .cc files: from a request's document to the tasks that llama.cpp's loop decodes. Runs
// on the caller's thread, without the loop: a chat template, a tokenizer and the translation of a schema are its work.

#include <server-common.h>
#include <server-task.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/language_model.h"
#include "engines/llama/loaded_model.h"
#include "engines/llama/slot_gate.h"

namespace hearth::engines::llama {

/// Why a request is not answered, as OpenAI's error object says it. Thrown and caught within the adapter.
struct Refusal : std::runtime_error {
  Refusal(int http_status, std::string error_code, const std::string& message, std::string field = {})
      : std::runtime_error(message), status(http_status), code(std::move(error_code)), param(std::move(field)) {}
  int status;
  std::string code;   // "context_length_exceeded", "unsupported_value", …
  std::string param;  // empty: no field of its own
};

/// What to do for one request: either `answer` is there already, or `tasks` are to be run.
struct Plan {
  engine::LanguageCall call = engine::LanguageCall::kChatCompletions;
  std::optional<json> answer;
  std::vector<server_task> tasks;  // without their ids
  task_response_type shape = TASK_RESPONSE_TYPE_NONE;
  bool is_stream = false;
  int choices = 1;      // per task
  SlotGate::Need need;  // at most
  json request;         // as the client sent it
  std::string model;    // as the client called it
};

/// Throws Refusal, or what llama.cpp throws for a document that it does not understand.
[[nodiscard]] Plan plan_request(LoadedModel& model, engine::LanguageCall call, const std::string& body);

}  // namespace hearth::engines::llama
