#pragma once

// Inside engines/llama only, for .cc files: OpenAI's `dimensions` of an embedding, which llama.cpp does not know.
// Models that were trained for it (Matryoshka) put what matters most into the first numbers of a vector: a shorter
// vector is their beginning, brought to length one again. Pure.

#include <server-common.h>

#include <cstddef>
#include <vector>

namespace hearth::engines::llama {

/// How many numbers each vector is to have: as many as `request` says, else as the model gives. Throws Refusal where
/// that is no whole number from 1 to `most`, the model's own.
[[nodiscard]] std::size_t dimensions_of(const json& request, int most);

/// Leaves the first `dimensions` numbers, normalised as `norm` says: llama.cpp's embd_normalize (2: to a length of one,
/// -1: as they are). A vector that has no more is left alone.
void shorten(std::vector<float>& vector, std::size_t dimensions, int norm);

}  // namespace hearth::engines::llama
