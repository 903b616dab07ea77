#pragma once

// Inside engines/llama only, for .cc files: the server-sent events of one answer, in the form of the API that was
// asked.

#include <server-task.h>

#include <optional>
#include <string>

#include "engines/llama/anthropic_answer.h"
#include "engines/llama/choice_chunks.h"
#include "engines/llama/request.h"
#include "engines/llama/response_events.h"

namespace hearth::engines::llama {

/// One thread. Each text holds whole events, or is empty.
class AnswerEvents {
 public:
  explicit AnswerEvents(const Plan& plan);

  [[nodiscard]] std::string on_result(server_task_result& result);
  [[nodiscard]] std::string on_error(const Refusal& refusal);
  [[nodiscard]] std::string on_end();

 private:
  const engine::LanguageCall call_;
  std::optional<ResponseEvents> response_;  // one of them, or none
  std::optional<MessageEvents> message_;
  std::optional<ChoiceChunks> chunks_;
};

/// Whether and how llama.cpp's last result of an answer ended a response.
[[nodiscard]] ResponseEnd response_end(const server_task_result_cmpl_final& result);

}  // namespace hearth::engines::llama
