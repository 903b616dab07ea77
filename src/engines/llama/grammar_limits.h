#pragma once

// Inside engines/llama only, for .cc files: how large the grammar, the schemas and the tools of a request may be. Seen
// to before llama.cpp makes rules of them: it calls itself for each bracket and each letter of a name, and asks what a
// value may be along every way that alternatives lead, until the stack ends or nobody waits any more. Not here: how
// deep and how far schemas lead when their references are followed, and what a grammar costs for each token; llama.cpp
// counts both (cmake/ggml/edits.toml), for only it knows in which order it goes. Pure.

#include <server-common.h>

#include <cstddef>

namespace hearth::engines::llama {

inline constexpr int kMaxGrammarDepth = 64;           // brackets in one another
inline constexpr int kMaxSchemaParts = 5000;          // objects and enum values of all schemas; OpenAI takes as many
inline constexpr std::size_t kMaxProperties = 256;    // of one object: the rules of optional ones take their cube
inline constexpr std::size_t kMaxPropertyName = 128;  // bytes; where others are allowed too, each letter nests
inline constexpr std::size_t kMaxReference = 512;     // bytes
inline constexpr std::size_t kMaxToolName = 128;      // bytes; OpenAI takes 64
inline constexpr std::size_t kMaxToolCount = 512;     // OpenAI takes 128

/// Of any call's document: grammar, json_schema, response_format, text.format, and the parameters of tools. Throws
/// Refusal, which names the field and what of it is too much; also where a least is above its most, and where a $ref
/// leads to nothing but itself.
void check_grammar_limits(const json& request);

}  // namespace hearth::engines::llama
