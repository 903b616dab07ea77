#pragma once

// What every request to a language model passes before the model sees it: only `model` and `stream` are read, the rest
// stays as it came, for the library behind understands it better than a translation would. But it understands too much:
// it downloads what a message links to, takes parameters that are its own affair, and believes any number. Pure.

#include <cstddef>
#include <string>
#include <string_view>

#include "wire/openai_error.h"

namespace hearth::wire {

struct LanguageRequest {
  std::string model;  // as the client named it; empty: the server's choice
  bool stream = false;
  bool wait = true;  // false: 503 at once where the model is not loaded
};

/// Of any of the APIs that a language model answers (engine/language_model.h). Refused: links to media that are not
/// data: URLs, adapters, slots and parser settings, tools that would run on the server, and sizes beyond what a client
/// can mean. The error names the field.
[[nodiscard]] tl::expected<LanguageRequest, ApiError> parse_language_request(std::string_view body);

}  // namespace hearth::wire
