#pragma once

// Inside engines/llama only, for .cc files: from a request's document to the tasks that llama.cpp's loop decodes. Runs
// on the caller's thread, without the loop: a chat template, a tokenizer and the translation of a schema are its work.

#include <server-common.h>
#include <server-task.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/language_model.h"
#include "engines/llama/choice_chunks.h"
#include "engines/llama/loaded_model.h"
#include "engines/llama/refusal.h"
#include "engines/llama/slot_gate.h"

namespace hearth::engines::llama {

/// What to do for one request: either `answer` is there already, or `tasks` are to be run.
struct Plan {
  engine::LanguageCall call = engine::LanguageCall::kChatCompletions;
  std::optional<json> answer;
  std::vector<server_task> tasks;  // without their ids
  task_response_type shape = TASK_RESPONSE_TYPE_NONE;
  bool is_stream = false;
  int siblings = 0;     // further choices that a task decodes beside its own
  ChoiceForm form;      // of chat and completions
  SlotGate::Need need;  // at most
  json request;         // as the client sent it
  std::string model;    // as the client called it
};

/// Throws Refusal, also for what llama.cpp does not understand of the document; std::bad_alloc.
[[nodiscard]] Plan plan_request(LoadedModel& model, engine::LanguageCall call, const std::string& body);

}  // namespace hearth::engines::llama
