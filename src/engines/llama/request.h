#pragma once

// Inside engines/llama only, for .cc files: from a request's document to the parts that llama.cpp's loop decodes. Runs
// on the caller's thread, without the loop: a chat template, a tokenizer and the translation of a schema are its work.

#include <server-common.h>
#include <server-task.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/language_model.h"
#include "engines/llama/choice_chunks.h"
#include "engines/llama/loaded_model.h"
#include "engines/llama/parts.h"
#include "engines/llama/refusal.h"
#include "engines/llama/slot_gate.h"

namespace hearth::engines::llama {

/// What to do for one request: either `answer` is there already, or `parts` are to be decoded. Each becomes a task when
/// it begins (make_task), so that a request of thousands of prompts has no more of them than run.
struct Plan {
  engine::LanguageCall call = engine::LanguageCall::kChatCompletions;
  std::optional<json> answer;
  server_task_type type = SERVER_TASK_TYPE_COMPLETION;
  task_params params;  // of all parts
  std::vector<server_tokens> prompts;
  std::string picture_prompt;        // with marks where the pictures stand; then the one prompt is empty
  std::vector<raw_buffer> pictures;  // as the loop takes them
  std::vector<Part> parts;           // in the order of their answers
  task_response_type shape = TASK_RESPONSE_TYPE_NONE;
  bool is_stream = false;
  ChoiceForm form;             // of chat and completions
  std::size_t dimensions = 0;  // of embeddings
  SlotGate::Need need;         // at most
  json request;                // as the client sent it
  std::string model;           // as the client called it
};

/// The next of the plan's parts as llama.cpp takes it, without ids. Once for each, in their order.
[[nodiscard]] server_task make_task(Plan& plan, const Part& part);

/// Throws Refusal, also for what llama.cpp does not understand of the document; std::bad_alloc.
[[nodiscard]] Plan plan_request(LoadedModel& model, engine::LanguageCall call, const std::string& body);

}  // namespace hearth::engines::llama
