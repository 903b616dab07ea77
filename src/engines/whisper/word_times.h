#pragma once

// When each word of a segment was said. Whisper says when a segment begins and ends, and beside each token how likely a
// time would have been in its place; between such anchors words share the time in which there is sound by their length,
// so that a pause belongs to none of them. Pure.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hearth::engines::whisper {

/// A token of text. Times are in hundredths of a second from the piece's begin.
struct HeardToken {
  std::string text;  // bytes: a character may go on in the next token
  double probability = 0;
  std::optional<std::int64_t> anchor;  // it was not said before this
};

struct HeardWord {
  std::string text;  // without the spaces around it
  std::int64_t start = 0;
  std::int64_t end = 0;
  double probability = 0;  // the mean of its tokens'
};

/// `loudness`: one number for each hundredth of a second of the piece (loudness_of). Words come in order, within
/// [start, end), and do not overlap. A word begins at a space, and in Chinese and Japanese with every token that
/// begins a character; punctuation belongs to the word before it.
[[nodiscard]] std::vector<HeardWord> time_words(std::span<const HeardToken> tokens, std::int64_t start,
                                                std::int64_t end, std::span<const float> loudness);

/// The root mean square of every hundredth of a second of 16 kHz sound.
[[nodiscard]] std::vector<float> loudness_of(std::span<const float> samples);

}  // namespace hearth::engines::whisper
