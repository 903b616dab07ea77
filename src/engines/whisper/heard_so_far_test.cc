#include "engines/whisper/heard_so_far.h"

#include <gtest/gtest.h>

#include <numeric>
#include <utility>

namespace hearth::engines::whisper {
namespace {

using Language = DecodeOptions::Language;
using Tokens = std::vector<std::int32_t>;

constexpr int kEnglish = 0;
constexpr int kSpanish = 3;
constexpr int kNynorsk = 63;  // what Whisper likes to take noise for
constexpr std::int32_t kFirstMark = 50'257;

DecodeOptions first(Language choice, Tokens prompt = {}) {
  DecodeOptions options;
  options.choice = choice;
  options.language = kEnglish;
  options.prompt = std::move(prompt);
  return options;
}

HeardSoFar detecting() { return {first(Language::kDetect), TextBefore::kPrompt, kFirstMark}; }

engine::TranscribedSegment segment(Tokens tokens = {1}, double temperature = 0) {
  engine::TranscribedSegment made;
  made.tokens = std::move(tokens);
  made.temperature = temperature;
  return made;
}

TEST(HeardSoFar, ALanguageThatWasGivenStays) {
  HeardSoFar heard(first(Language::kGiven), TextBefore::kPrompt, kFirstMark);
  EXPECT_EQ(heard.language(), kEnglish);
  heard.add(segment());
  heard.end_piece({kSpanish, true});
  EXPECT_EQ(heard.language(), kEnglish);
  EXPECT_EQ(heard.options().language, kEnglish);
}

TEST(HeardSoFar, TheLanguageIsThatOfTheFirstPieceInWhichSomebodySpeaks) {
  HeardSoFar heard = detecting();
  EXPECT_EQ(heard.language(), std::nullopt);
  heard.end_piece({kNynorsk, false});  // a ringing
  EXPECT_EQ(heard.options().choice, Language::kDetect);
  heard.add(segment());
  heard.end_piece({kSpanish, true});
  EXPECT_EQ(heard.options().choice, Language::kGiven);
  EXPECT_EQ(heard.options().language, kSpanish);
  EXPECT_EQ(heard.language(), kSpanish);
  heard.add(segment());
  heard.end_piece({kSpanish, true});
  EXPECT_EQ(heard.language(), kSpanish);
}

TEST(HeardSoFar, APieceThatIsInDoubtDecidesOnlyWhereNoneIsCertain) {
  HeardSoFar heard = detecting();
  heard.add(segment());
  heard.end_piece({kNynorsk, false});
  heard.add(segment());
  heard.end_piece({kEnglish, false});
  EXPECT_EQ(heard.language(), kNynorsk);
  EXPECT_EQ(heard.options().choice, Language::kDetect);
  heard.add(segment());
  heard.end_piece({kSpanish, true});
  EXPECT_EQ(heard.language(), kSpanish);
}

TEST(HeardSoFar, SoundWithoutAWordHasTheLanguageThatItWasTakenFor) {
  HeardSoFar heard = detecting();
  heard.end_piece({kNynorsk, false});
  heard.end_piece({kSpanish, false});
  EXPECT_EQ(heard.language(), kSpanish);
}

TEST(HeardSoFar, ThePromptIsForTheFirstPieceWithASegment) {
  HeardSoFar heard(first(Language::kGiven, {5, 6}), TextBefore::kPrompt, kFirstMark);
  EXPECT_EQ(heard.options().prompt, (Tokens{5, 6}));
  heard.end_piece({kEnglish, false});
  EXPECT_EQ(heard.options().prompt, (Tokens{5, 6}));
  heard.add(segment());
  EXPECT_EQ(heard.options().prompt, (Tokens{5, 6}));  // the piece is not done
  heard.end_piece({kEnglish, true});
  EXPECT_TRUE(heard.options().prompt.empty());
  heard.end_piece({kEnglish, false});
  EXPECT_TRUE(heard.options().prompt.empty());
}

TEST(HeardSoFar, TextThatWasHeardFollowsThePromptWhereItIsWanted) {
  HeardSoFar heard(first(Language::kGiven, {5}), TextBefore::kPromptAndHeard, kFirstMark);
  heard.add(segment({kFirstMark + 107, 1, 2, kFirstMark + 200}));
  heard.add(segment({3, kFirstMark}));
  EXPECT_EQ(heard.options().prompt, Tokens{5});
  heard.end_piece({kEnglish, true});
  EXPECT_EQ(heard.options().prompt, (Tokens{5, 1, 2, 3}));
  heard.end_piece({kEnglish, false});
  EXPECT_EQ(heard.options().prompt, (Tokens{5, 1, 2, 3}));
}

TEST(HeardSoFar, OfMuchTextTheEndIsGiven) {
  HeardSoFar heard(first(Language::kGiven), TextBefore::kPromptAndHeard, kFirstMark);
  Tokens many(kMostPromptTokens + 10);
  std::iota(many.begin(), many.end(), 0);
  heard.add(segment(many));
  heard.end_piece({kEnglish, true});
  EXPECT_EQ(heard.options().prompt, Tokens(many.begin() + 10, many.end()));
}

TEST(HeardSoFar, TextThatWasWrittenHotIsNotGiven) {
  HeardSoFar heard(first(Language::kGiven, {5}), TextBefore::kPromptAndHeard, kFirstMark);
  heard.add(segment({1}));
  heard.add(segment({2}, 0.6));
  heard.add(segment({3}, 0.4));
  heard.end_piece({kEnglish, true});
  EXPECT_EQ(heard.options().prompt, Tokens{3});
}

}  // namespace
}  // namespace hearth::engines::whisper
