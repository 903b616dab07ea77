#pragma once

// What the recogniser's numbers spell: its table of characters, and the greedy reading of its probabilities. Pure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hearth::engines::onnx {

/// The characters that the recogniser knows, by class. Class 0 is "no character", the last one the space.
class CharacterTable {
 public:
  /// `lines`: one character a line, as the model's file carries them. kCorrupt when there are none.
  [[nodiscard]] static base::Result<CharacterTable> parse(std::string lines);
  /// Classes, the blank and the space counted.
  [[nodiscard]] std::size_t size() const { return characters_.size(); }
  [[nodiscard]] std::string_view character(std::size_t index) const { return characters_[index]; }

 private:
  std::vector<std::string> characters_;
};

struct SpelledLine {
  std::string text;  // UTF-8
  double score = 0;  // the mean probability of its characters; 0 where there are none
};

/// `probabilities`: of one line, steps × table.size(). The likeliest class of each step; repetitions and blanks are
/// dropped (Graves et al., "Connectionist Temporal Classification", 2006, best path).
[[nodiscard]] SpelledLine spell(std::span<const float> probabilities, const CharacterTable& table);

}  // namespace hearth::engines::onnx
