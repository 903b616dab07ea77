#pragma once

// Inside engines/llama only, for .cc files.

#include <server-common.h>

#include <vector>

namespace hearth::engines::llama {

/// The pictures of a request, decoded by image/ within limits for all of them together, as bytes that llama.cpp's own
/// decoder cannot mistake: it was not made for what strangers send, and takes memory for whatever size a file claims.
/// Throws Refusal for what is no picture, for a damaged one, and for too many pictures or pixels.
[[nodiscard]] std::vector<raw_buffer> plain_pictures(const std::vector<raw_buffer>& files);

}  // namespace hearth::engines::llama
