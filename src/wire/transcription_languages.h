#pragma once

// The languages that Whisper knows, by ISO 639 code and by English name. Pure. Source: the language table of
// openai/whisper (tokenizer.py), whose names the API's verbose_json uses.

#include <optional>
#include <string_view>

namespace hearth::wire {

/// "en" for "en", "EN", "en-US", "english" and "English"; nothing for what Whisper does not know.
[[nodiscard]] std::optional<std::string_view> find_language(std::string_view code_or_name);
/// "english" for "en"; a code that is not known stays as it is.
[[nodiscard]] std::string_view language_name(std::string_view code);

}  // namespace hearth::wire
