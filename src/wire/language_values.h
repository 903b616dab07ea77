#pragma once

#include "wire/json_in.h"
#include "wire/language_request.h"

namespace hearth::wire {

/// Inside wire/ only, for .cc files. Values of the fields that OpenAI's and Anthropic's references bound, and that the
/// library behind would take as they come: a rule holds for the shapes that have its field. The first that is wrong is
/// kept in `reader`. Pure.
void check_language_values(ObjectReader& reader, LanguageShape shape);

}  // namespace hearth::wire
