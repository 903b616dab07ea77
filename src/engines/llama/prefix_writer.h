#pragma once

// Makes the file that a PrefixSource finds. hearth-prefix does it in a process of its own: it takes the memory of a
// second context and all cores for seconds, and gives both back.

#include <filesystem>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "engines/llama/llama.h"

namespace hearth::engines::llama {

/// Raised when what the file holds, or how its tokens are found, changes.
inline constexpr int kPrefixVersion = 1;

/// "ggml-0.25.3 1a2b3c4d5e6f7081": the version of the library and the digest of what it was built from.
[[nodiscard]] std::string prefix_library();

/// Lets the model read what every chat with this system prompt begins with, as its template writes it, and writes the
/// state to `out`. `options` are those of the model that will use it. kInvalidArgument where the model's context is too
/// small for it, or its chats do not begin with the system prompt; else the errors of open_llama().
[[nodiscard]] base::Result<void> write_prefix(const LlamaOptions& options, const std::string& system,
                                              const std::filesystem::path& out, const std::stop_token& stop = {});

}  // namespace hearth::engines::llama
