#pragma once

// Inside engines/llama only, for .cc files: why a request is not answered, in words that help whoever sent it. What
// llama.cpp says of a request names its own innards; here it becomes a sentence about a field of the request.

#include <server-common.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "engine/language_model.h"

namespace hearth::engines::llama {

/// As OpenAI's error object says it. Thrown and caught within the adapter.
struct Refusal : std::runtime_error {
  Refusal(int http_status, std::string error_code, const std::string& message, std::string field = {})
      : std::runtime_error(message), status(http_status), code(std::move(error_code)), param(std::move(field)) {}
  /// The library failed, whatever was asked: all else is the client's affair, or chance.
  [[nodiscard]] bool is_engine_failure() const { return code == "internal"; }
  int status;
  std::string code;   // "context_length_exceeded", "unsupported_value", …
  std::string param;  // empty: no field of its own
};

/// Of what llama.cpp threw (`what`) while it read `request`.
[[nodiscard]] Refusal refusal_of_exception(const std::string& what, const json& request);

/// Of llama.cpp's error document for a task of `request`.
[[nodiscard]] Refusal refusal_of_error(const json& error, const json& request);

/// llama.cpp threw while it looked for tool calls and thoughts in what the model had written.
[[nodiscard]] Refusal refusal_of_answer(const std::string& what);

/// OpenAI's error object, or Anthropic's where its API was asked.
[[nodiscard]] json error_document(engine::LanguageCall call, const Refusal& refusal);

}  // namespace hearth::engines::llama
