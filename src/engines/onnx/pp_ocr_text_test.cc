#include "engines/onnx/pp_ocr_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearth::engines::onnx {
namespace {

CharacterTable table(const std::string& lines) { return CharacterTable::parse(lines).value(); }

/// Steps of probabilities, each with one class that is the likeliest.
std::vector<float> steps(const CharacterTable& characters, const std::vector<std::size_t>& best, float probability) {
  std::vector<float> values;
  for (const std::size_t index : best) {
    for (std::size_t i = 0; i < characters.size(); ++i) values.push_back(i == index ? probability : 0.01F);
  }
  return values;
}

TEST(CharacterTable, HasABlankBeforeAndASpaceBehind) {
  const CharacterTable characters = table("a\nß\r\n漢\n");
  ASSERT_EQ(characters.size(), 5U);
  EXPECT_EQ(characters.character(0), "");
  EXPECT_EQ(characters.character(2), "ß");
  EXPECT_EQ(characters.character(3), "漢");
  EXPECT_EQ(characters.character(4), " ");
  EXPECT_EQ(table("a").size(), 3U);
}

TEST(CharacterTable, AnEmptyOneIsCorrupt) { EXPECT_EQ(CharacterTable::parse("").error().code, base::Code::kCorrupt); }

TEST(Spell, DropsRepetitionsAndBlanks) {
  const CharacterTable characters = table("a\nb\n");
  const SpelledLine line = spell(steps(characters, {0, 1, 1, 0, 1, 2, 3, 3, 2}, 0.9F), characters);
  EXPECT_EQ(line.text, "aab b");
  EXPECT_NEAR(line.score, 0.9, 1e-6);
}

TEST(Spell, OfBlanksOnlyIsEmptyWithoutAScore) {
  const CharacterTable characters = table("a\n");
  const SpelledLine line = spell(steps(characters, {0, 0}, 0.9F), characters);
  EXPECT_EQ(line.text, "");
  EXPECT_EQ(line.score, 0);
  EXPECT_EQ(spell({}, characters).text, "");
}

TEST(Spell, FindsTheLikeliestInALongTable) {
  std::string lines;
  for (int i = 0; i < 1'000; ++i) lines += std::to_string(i) + "\n";
  const CharacterTable characters = table(lines);
  EXPECT_EQ(spell(steps(characters, {1, 33, 1'000, 1'001}, 0.5F), characters).text, "032999 ");
}

TEST(Spell, LeavesAnIncompleteStepOut) {
  const CharacterTable characters = table("a\n");
  std::vector<float> values = steps(characters, {1}, 0.9F);
  values.push_back(0.9F);
  EXPECT_EQ(spell(values, characters).text, "a");
}

}  // namespace
}  // namespace hearth::engines::onnx
