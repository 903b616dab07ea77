#pragma once

// Looks at the header of a GGUF file before llama.cpp does, with bounds of our own: what comes from outside is hostile
// until checked, and the library trusts more than it should (it aborts the process on some damaged vocabularies).
// Format: ggml's docs/gguf.md, version 2 and 3, little-endian. Not here: what the values mean to an architecture; that
// is found out by opening the file in a process of its own (probe_main.cc). Pure but for the mapping of the file.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace hearth::engines::llama {

/// What a start wants to know of a model before it opens it.
struct GgufSummary {
  std::string architecture;             // "llama", "gemma3", "bert", …; a projector's is "clip"
  std::int64_t training_context = 0;    // tokens; 0: not said
  std::optional<std::int64_t> pooling;  // llama.cpp's pooling type: an embedding model; 4 ranks
  std::int64_t tokens = 0;              // of the vocabulary
  std::int64_t tensors = 0;
  int split_index = 0;  // of split_count parts, from 0
  int split_count = 1;
};

/// How much of the header is looked at.
enum class GgufDepth {
  kShape,  // every length, type and offset: a fraction of a millisecond, for a file whose digest is known
  kWhole,  // also that no token occurs twice and no merge is broken: some milliseconds
};

/// The header of one file, all of whose bytes are given. kCorrupt names the field and what is wrong with it;
/// kUnsupported for versions and types that are too old or too new.
[[nodiscard]] base::Result<GgufSummary> check_gguf(std::span<const std::byte> file, GgufDepth depth);

/// A model's file, and where it is the first of several (NAME-00001-of-00003.gguf) all of the others. kNotFound names
/// the part that is missing; kInvalidArgument where the file is not the first part.
[[nodiscard]] base::Result<GgufSummary> check_gguf_file(const std::filesystem::path& file, GgufDepth depth);

/// All parts of a model in order, `first` included: by the name's pattern, without looking at the disk.
[[nodiscard]] std::vector<std::filesystem::path> gguf_parts(const std::filesystem::path& first, int count);

}  // namespace hearth::engines::llama
