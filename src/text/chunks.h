#pragma once

// Where to cut a long line of phonemes so that each piece fits the model and sounds whole. PURE: no clock, no model, no
// lock.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::text {

/// Sizes count ids of tokens.h (one a symbol, blanks and marks too).
struct ChunkPolicy {
  std::size_t max_ids = 510;         // never above it: Kokoro's limit
  std::size_t join_up_to_ids = 225;  // short sentences are joined up to this: prosody is best on 100 to 250 symbols
  // So that first audio is early, the first piece of a request is cut at the first clause mark that stands after at
  // least and at most so many words; 0 for the second turns this off. Where only an earlier mark is there, and more
  // than the second number of words follows it in its sentence ("However, …"), it is cut at that.
  std::size_t first_least_words = 3;
  std::size_t first_most_words = 12;
};

enum class Position { kFirst, kLater };  // of the line in its request

/// Cuts at the end of sentences, a sentence longer than max_ids at its clause marks, a clause longer than that between
/// words, a word longer than that anywhere. The pieces in order, with a blank between them, are the line: nothing is
/// dropped but blanks, and marks that have nothing to speak before or after them. '\n' ends a sentence.
[[nodiscard]] std::vector<std::string> cut_chunks(std::string_view phonemes, Position position,
                                                  const ChunkPolicy& policy);

}  // namespace hearth::text
