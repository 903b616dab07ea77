#pragma once

// Inside engines/llama only, for .cc files: a request of OpenAI's responses API as one of its chat API.

#include <server-common.h>

namespace hearth::engines::llama {

/// Throws Refusal for what needs answers that are kept, and for several answers; else what llama.cpp throws.
[[nodiscard]] json chat_of_responses(json request);

}  // namespace hearth::engines::llama
