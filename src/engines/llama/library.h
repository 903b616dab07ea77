#pragma once

#include <string>

namespace hearth::engines::llama {

/// Makes llama.cpp ready, once a process: its backends, and its log, which goes to base/log for debugging and never to
/// standard error by itself. Any thread; cheap when it is done already.
void ensure_library();

/// What llama.cpp complained of on this thread since the last call: its own sentences, the last of them first to be
/// of use. Empty where it did not complain.
[[nodiscard]] std::string take_complaint();

}  // namespace hearth::engines::llama
