#pragma once

// A small real question for each kind of model, whose first byte of answer shows that it works.

#include <optional>
#include <string>
#include <string_view>

#include "net/http_client.h"

namespace hearth::measure {

struct Question {
  std::string moment;  // "first audio"
  net::ClientRequest request;
};

/// Nothing for a kind that has no route of its own (voice, turn). `kind` as /v1/models gives it.
[[nodiscard]] std::optional<Question> question_for(std::string_view kind, const std::string& model);

}  // namespace hearth::measure
