#pragma once

// Small real questions for each kind of model, whose first byte of answer shows that it works.

#include <string>
#include <string_view>
#include <vector>

#include "net/http_client.h"

namespace hearth::measure {

struct Question {
  std::string moment;  // "first audio"
  net::ClientRequest request;
};

/// PURE. Of these it answers one: nothing but the question tells a language model that writes from one that ranks or
/// embeds. None for a kind that has no route of its own (voice, turn). `kind` as /v1/models gives it.
[[nodiscard]] std::vector<Question> questions_for(std::string_view kind, const std::string& model);
/// PURE. Whether the body of a refusal says that the model is of a sort that does not answer such questions.
[[nodiscard]] bool is_of_other_sort(std::string_view refusal);

}  // namespace hearth::measure
