#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hearth::engines::whisper {

/// Tokens that a ggml file spells out; those after them (languages, tasks, times) whisper.cpp names by itself.
/// English-only models end them with <|endoftext|>, the others with an empty one.
inline constexpr std::size_t kSpelledTokens = 50'257;

/// The first kSpelledTokens of a vocabulary.txt: one token a line, its bytes spelled by GPT-2's byte-to-unicode table
/// (printable ones are themselves, the others U+0100 and up; a space is Ġ). Returns the bytes. Pure. kCorrupt when
/// there are fewer, or a character that stands for no byte. Source: openai/gpt-2, encoder.py.
[[nodiscard]] base::Result<std::vector<std::string>> parse_vocabulary(std::string_view text);

}  // namespace hearth::engines::whisper
