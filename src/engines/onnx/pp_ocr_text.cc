#include "engines/onnx/pp_ocr_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hearth::engines::onnx {
namespace {

constexpr std::size_t kBlank = 0;
constexpr std::size_t kLanes = 32;

/// The first of the greatest. Side by side in lanes, because the compiler may not reorder one running maximum: with
/// 18,710 classes a step this loop is what reading the numbers costs.
std::size_t find_greatest(std::span<const float> values) {
  std::array<float, kLanes> lanes{};
  const std::size_t whole = values.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = std::max(lanes[lane], values[i + lane]);
  }
  float greatest = *std::max_element(lanes.begin(), lanes.end());
  for (std::size_t i = whole; i < values.size(); ++i) greatest = std::max(greatest, values[i]);
  const auto found = std::find(values.begin(), values.end(), greatest);
  return found == values.end() ? kBlank : static_cast<std::size_t>(found - values.begin());
}

}  // namespace

base::Result<CharacterTable> CharacterTable::parse(std::string lines) {
  CharacterTable table;
  table.characters_.emplace_back();  // the blank
  std::size_t begin = 0;
  while (begin < lines.size()) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    std::string_view line = std::string_view(lines).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    table.characters_.emplace_back(line);
    begin = end + 1;
  }
  if (table.characters_.size() == 1) {
    return base::fail(base::Code::kCorrupt, "the recogniser's table of characters is empty",
                      "run: hearth models verify");
  }
  table.characters_.emplace_back(" ");
  return table;
}

SpelledLine spell(std::span<const float> probabilities, const CharacterTable& table) {
  SpelledLine line;
  double sum = 0;
  std::size_t count = 0;
  std::size_t before = kBlank;
  for (std::size_t at = 0; at + table.size() <= probabilities.size(); at += table.size()) {
    const std::span<const float> step = probabilities.subspan(at, table.size());
    const std::size_t best = find_greatest(step);
    if (best != kBlank && best != before) {
      line.text += table.character(best);
      sum += step[best];
      ++count;
    }
    before = best;
  }
  if (count > 0) line.score = sum / static_cast<double>(count);
  return line;
}

}  // namespace hearth::engines::onnx
