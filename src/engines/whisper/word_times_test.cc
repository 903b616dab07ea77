#include "engines/whisper/word_times.h"

#include <gtest/gtest.h>

namespace hearth::engines::whisper {
namespace {

HeardToken token(std::string text, std::optional<std::int64_t> anchor = std::nullopt) {
  return {std::move(text), 0.5, anchor};
}

std::vector<float> loud(std::size_t hundredths) { return std::vector<float>(hundredths, 0.1F); }

TEST(WordTimes, WordsShareTheSoundByTheirLetters) {
  const std::vector tokens = {token(" one"), token(" seven"), token(" to")};
  const auto words = time_words(tokens, 0, 100, loud(100));
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[0].text, "one");
  EXPECT_EQ(words[0].start, 0);
  EXPECT_NEAR(static_cast<double>(words[0].end), 30, 1);
  EXPECT_NEAR(static_cast<double>(words[1].end), 80, 1);
  EXPECT_EQ(words[2].end, 100);
}

TEST(WordTimes, TokensJoinIntoWordsWithTheirPunctuation) {
  const std::vector tokens = {token(" trans"), token("cript"), token(","), token(" \""), token("yes"), token("\"")};
  const auto words = time_words(tokens, 0, 100, loud(100));
  ASSERT_EQ(words.size(), 1U);
  EXPECT_EQ(words[0].text, "transcript, \"yes\"");
}

TEST(WordTimes, CharactersOfWritingWithoutSpacesAreWords) {
  const std::vector tokens = {token("\u4F60"), token("\xE5\xA5"), token("\xBD"), token("\u3002")};  // two and a stop
  const auto words = time_words(tokens, 0, 100, loud(100));
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(words[1].text, "\u597D\u3002");
}

TEST(WordTimes, APauseBelongsToNoWord) {
  auto loudness = loud(200);
  std::fill(loudness.begin() + 50, loudness.begin() + 150, 0.0F);
  const std::vector tokens = {token(" four"), token(" five")};
  const auto words = time_words(tokens, 0, 200, loudness);
  ASSERT_EQ(words.size(), 2U);
  EXPECT_NEAR(static_cast<double>(words[0].end), 50, 1);
  EXPECT_NEAR(static_cast<double>(words[1].start), 150, 1);
}

TEST(WordTimes, AWordThatWouldBeginJustBeforeAPauseBeginsAfterIt) {
  auto loudness = loud(200);
  std::fill(loudness.begin() + 60, loudness.begin() + 150, 0.0F);
  const std::vector tokens = {token(" four"), token(" five")};  // by letters the second begins at 55
  const auto words = time_words(tokens, 0, 200, loudness);
  ASSERT_EQ(words.size(), 2U);
  EXPECT_NEAR(static_cast<double>(words[0].end), 60, 1);
  EXPECT_NEAR(static_cast<double>(words[1].start), 150, 1);
}

TEST(WordTimes, AnAnchorHolds) {
  const std::vector tokens = {token(" a"), token(" word", 60)};
  const auto words = time_words(tokens, 0, 100, loud(100));
  EXPECT_NEAR(static_cast<double>(words[1].start), 60, 1);
}

TEST(WordTimes, AreInOrderWithinTheSegmentWhateverTheAnchorsSay) {
  const std::vector tokens = {token(" a", 500), token(" b", 150), token(" c", 20), token(" d", -5), token(" e")};
  for (const auto& loudness : {loud(0), loud(10), loud(200), std::vector<float>(200, 0.0F)}) {
    const auto words = time_words(tokens, 100, 180, loudness);
    ASSERT_EQ(words.size(), 5U);
    std::int64_t at = 100;
    for (const HeardWord& word : words) {
      EXPECT_GE(word.start, at);
      EXPECT_GE(word.end, word.start);
      at = word.end;
    }
    EXPECT_LE(at, 180);
  }
}

TEST(WordTimes, NoTokensAndNoTimeHaveNone) {
  EXPECT_TRUE(time_words({}, 0, 100, loud(100)).empty());
  EXPECT_TRUE(time_words(std::vector{token(" a")}, 50, 50, loud(100)).empty());
}

}  // namespace
}  // namespace hearth::engines::whisper
