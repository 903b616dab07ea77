// From a request's text to its segments: chunks, pauses, languages, and what is refused.

#include "text/script.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "text/espeak.h"
#include "text/foreign.h"
#include "text/lexicon_for_test.h"
#include "text/tokens.h"

namespace hearth::text {
namespace {

using base::Code;
using base::Millis;

std::string joined(const std::vector<std::string>& chunks) {
  std::string out;
  for (const std::string& chunk : chunks) out += (out.empty() ? "" : " ") + chunk;
  return out;
}

std::size_t ids_in(const std::string& phonemes) { return tokenize(phonemes).ids.size(); }

std::string sentence_of(int words, char last = '.') {
  std::string out;
  for (int i = 0; i < words; ++i) out += std::string(i == 0 ? "" : " ") + "kˈæt";
  return out + last;
}

TEST(Chunks, AShortLineIsOnePiece) {
  const auto chunks = cut_chunks("həlˈO, wˈɜɹld!", Position::kFirst, {});
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0], "həlˈO, wˈɜɹld!");
}

TEST(Chunks, TheFirstPieceEndsAtTheFirstFittingClauseMark) {
  const auto chunks = cut_chunks("wˈʌn, tˈu θɹˈi, fˈɔɹ fˈIv sˈɪks.", Position::kFirst, {});
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(chunks[0], "wˈʌn, tˈu θɹˈi,");  // not after one word
  EXPECT_EQ(cut_chunks("wˈʌn, tˈu θɹˈi, fˈɔɹ fˈIv sˈɪks.", Position::kLater, {}).size(), 1U);
  EXPECT_EQ(cut_chunks("wˈʌn, tˈu θɹˈi, fˈɔɹ fˈIv sˈɪks.", Position::kFirst, {.first_most_words = 0}).size(), 1U);
}

TEST(Chunks, AFirstWordOrTwoBeforeALongRestAreAPieceOfTheirOwn) {
  const std::string however = "hWˈɛvəɹ, ";
  const auto chunks = cut_chunks(however + sentence_of(39), Position::kFirst, {});
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(chunks[0], "hWˈɛvəɹ,");
  EXPECT_EQ(chunks[1], sentence_of(39));
  EXPECT_EQ(cut_chunks("wˈʌn, tˈu, " + sentence_of(39), Position::kFirst, {}).front(), "wˈʌn, tˈu,");
  // A mark within reach is better, a short rest need not be waited for, and later sentences are in no hurry.
  const std::string later = however + sentence_of(5, ',');
  EXPECT_EQ(cut_chunks(later + " " + sentence_of(39), Position::kFirst, {}).front(), later);
  EXPECT_EQ(cut_chunks(however + sentence_of(12), Position::kFirst, {}).size(), 1U);
  EXPECT_EQ(cut_chunks(however + sentence_of(39), Position::kLater, {}).size(), 1U);
  EXPECT_EQ(cut_chunks(however + sentence_of(39), Position::kFirst, {.first_most_words = 0}).size(), 1U);
}

TEST(Chunks, AMarkTooFarOffDoesNotCutTheFirstSentence) {
  EXPECT_EQ(cut_chunks(sentence_of(13, ',') + " " + sentence_of(4), Position::kFirst, {}).size(), 1U);
}

TEST(Chunks, TheFirstSentenceStandsAloneAndLaterOnesAreJoined) {
  const std::string line = sentence_of(4) + " " + sentence_of(10) + " " + sentence_of(10) + " " + sentence_of(60);
  const auto chunks = cut_chunks(line, Position::kFirst, {});
  ASSERT_EQ(chunks.size(), 3U);
  EXPECT_EQ(chunks[0], sentence_of(4));
  EXPECT_EQ(chunks[1], sentence_of(10) + " " + sentence_of(10));
}

TEST(Chunks, AnOverlongSentenceIsCutAtItsClausesThenBetweenWordsThenAnywhere) {
  const ChunkPolicy policy{.max_ids = 60, .join_up_to_ids = 50};
  const auto clauses = cut_chunks(sentence_of(7, ',') + " " + sentence_of(7), Position::kLater, policy);
  ASSERT_EQ(clauses.size(), 2U);
  EXPECT_EQ(clauses[0], sentence_of(7, ','));
  for (const std::string& overlong : {sentence_of(100), std::string(1000, 'a')}) {
    for (const std::string& chunk : cut_chunks(overlong, Position::kLater, policy)) EXPECT_LE(ids_in(chunk), 60U);
  }
}

TEST(Chunks, NothingIsLostWhateverTheLine) {
  std::mt19937 random{3};
  constexpr std::string_view kPieces[] = {"kˈæt", "a", " ", ", ", ". ",  "—",   " — ", "… ",
                                          "“",    "”", "(", ")",  "?! ", "ðə ", "\n",  "❓"};
  for (int round = 0; round < 500; ++round) {
    std::string line;
    for (int i = 0; i < 120; ++i) line += kPieces[random() % std::size(kPieces)];
    const ChunkPolicy policy{.max_ids = 20 + random() % 80, .join_up_to_ids = 10 + random() % 60};
    const auto chunks = cut_chunks(line, round % 2 == 0 ? Position::kFirst : Position::kLater, policy);
    const auto letters = [](const std::string& text) {
      return std::count(text.begin(), text.end(), 'a') + std::count(text.begin(), text.end(), 'k') +
             std::count(text.begin(), text.end(), ',');
    };
    EXPECT_EQ(std::count(line.begin(), line.end(), 'k'), [&] {
      const std::string all = joined(chunks);
      return std::count(all.begin(), all.end(), 'k');
    }());
    EXPECT_LE(letters(joined(chunks)), letters(line));
    for (const std::string& chunk : chunks) EXPECT_LE(ids_in(chunk), policy.max_ids);
  }
}

TEST(Chunks, MarksAloneMakeNoPiece) {
  EXPECT_TRUE(cut_chunks("", Position::kFirst, {}).empty());
  EXPECT_TRUE(cut_chunks("… — . ?", Position::kFirst, {}).empty());
  EXPECT_EQ(cut_chunks("… — kˈæt. — …", Position::kFirst, {}).size(), 1U);
}

struct Script : testing::Test {
  std::shared_ptr<FakeFallback> fallback = std::make_shared<FakeFallback>();
  Phonemizer phonemizer{open_small_lexicon(), fallback};
  base::Result<std::vector<Segment>> make(std::string_view text, Language language = Language::kEnglishUs) const {
    return make_script(text, language, phonemizer);
  }
  void expect_refused(std::string_view text, std::string_view part) const {
    const auto script = make(text);
    ASSERT_FALSE(script) << text;
    EXPECT_EQ(script.error().code, Code::kInvalidArgument);
    EXPECT_NE(script.error().message.find(part), std::string::npos) << script.error().message;
  }
};

TEST_F(Script, PausesStandBetweenSegments) {
  const auto script = make("[pause:1s] cat [pause: 300ms][Pause:0.5s] dog. [pause:2s]");
  ASSERT_TRUE(script);
  ASSERT_EQ(script->size(), 2U);
  EXPECT_EQ((*script)[0].pause_before, Millis{1000});
  EXPECT_EQ((*script)[0].phonemes, "kˈæt");
  EXPECT_EQ((*script)[1].pause_before, Millis{800});
  EXPECT_EQ((*script)[1].pause_after, Millis{2000});
}

TEST_F(Script, APauseMayBeWrittenInCapitals) {
  const auto script = make("[PAUSE:300MS] cat [pause:1S] dog [Pause: 20 Ms]");
  ASSERT_TRUE(script);
  ASSERT_EQ(script->size(), 2U);
  EXPECT_EQ((*script)[0].pause_before, Millis{300});
  EXPECT_EQ((*script)[1].pause_before, Millis{1000});
  EXPECT_EQ((*script)[1].pause_after, Millis{20});
}

TEST_F(Script, PhonemesThatTheModelLacksAreRefusedInMarkupAlone) {
  expect_refused("a [cat](/kʘt/) dog", "ʘ");
  EXPECT_FALSE(make("[hola](/oʘ/)", Language::kSpanish));
  EXPECT_TRUE(make("cat ʘ dog"));
  const auto script = make("[non](/n\u00F5/) [go](/gˈO/)");
  ASSERT_TRUE(script);
  EXPECT_EQ((*script)[0].phonemes, "no\u0303 ɡˈO");
}

TEST_F(Script, ABadPauseIsAnErrorAndOtherBracketsAreText) {
  expect_refused("cat [pause:1h]", "unit");
  expect_refused("cat [pause:1s dog", "closed");
  expect_refused("cat [pause:31s]", "30 s");
  expect_refused("cat [pause:-1s]", "last");
  expect_refused("cat [pause:1.2.3s]", "unit");
  expect_refused("cat [pause:99999999999999999999s]", "pause");
  std::string many = "cat";
  for (int i = 0; i < 30; ++i) many += "[pause:30s]";
  expect_refused(many, "in all");
  EXPECT_TRUE(make("cat [pause] [pause: the dog]"));
}

TEST_F(Script, TextWithNothingToSayIsRefused) {
  for (const char* text : {"", "   \n\t ", "😀👍🏽", "?!… — \"\"", "[pause:1s]", "* * *", "\xE2\x80\x8B"})
    expect_refused(text, "nothing");
}

TEST_F(Script, InvalidUtf8IsRefusedWithItsPlace) { expect_refused("cat \xFF dog", "byte 4"); }

TEST_F(Script, TooMuchTextIsRefused) { expect_refused(std::string(1024 * 1024 + 1, 'a'), "longer"); }

TEST_F(Script, AHundredKilobytesOfAnythingComeBackInPiecesThatFit) {
  for (const std::string_view piece :
       {"cat dog. ", "cat, ", "a", "[", "1", "'", "é ", "[pause:1ms]cat ", "A.", "cat\n\n", "10:30-"}) {
    std::string text = "cat ";
    while (text.size() < 100'000) text += piece;
    const auto script = make_script(text, Language::kEnglishUs, phonemizer, {.longest_silence = Millis{10'000'000}});
    ASSERT_TRUE(script) << piece;
    for (const Segment& segment : *script) EXPECT_LE(ids_in(segment.phonemes), kMaxIds);
  }
}

TEST_F(Script, OtherLanguagesKeepTheirMarks) {
  fallback->answers["hola"] = "ˈola";
  fallback->answers["amigo 3,5"] = "amˈiɡo";
  const auto script = make("¡hola, «amigo 3,5»!", Language::kSpanish);
  ASSERT_TRUE(script);
  EXPECT_EQ((*script)[0].phonemes, "ˈola, “amˈiɡo”!");
  fallback->answers["你好"] = "ni";
  EXPECT_EQ((*make("你好。你好！", Language::kMandarin))[0].phonemes, "ni.");
  fallback->refuses = true;
  EXPECT_EQ(make("hola", Language::kSpanish).error().code, Code::kUnsupported);
}

TEST_F(Script, ManyThreadsReadWithOnePhonemizer) {  // the thread sanitizer watches
  const std::string wanted = *phonemizer.phonemes("The US will wind 21 apples, blorb.", Language::kEnglishUs);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto said = phonemizer.phonemes("The US will wind 21 apples, blorb.", Language::kEnglishUs);
        if (!said || *said != wanted) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Phonemizer, WithoutALexiconEnglishIsUnavailableAndWithoutAFallbackOthersAreUnsupported) {
  const Phonemizer bare{nullptr, nullptr};
  EXPECT_EQ(bare.phonemes("cat", Language::kEnglishUs).error().code, Code::kUnavailable);
  const auto spanish = bare.phonemes("gato", Language::kSpanish);
  EXPECT_EQ(spanish.error().code, Code::kUnsupported);
  EXPECT_NE(spanish.error().remedy.find("libespeak-ng1"), std::string::npos);
}

TEST(Espeak, RareCharactersAndTheZeroOfYearsAreLetters) {
  const EspeakFallback fallback{"libthere-is-no-such-thing.so.9"};  // missed only where there is a letter to say
  for (const Language language : {Language::kJapanese, Language::kMandarin}) {
    for (const char* letter : {"〇", "㐀", "䶿", "中"}) EXPECT_FALSE(fallback.transcribe(letter, language)) << letter;
  }
}

TEST(Espeak, AMissingLibraryIsUnsupportedWithItsPackage) {
  const EspeakFallback fallback{"libthere-is-no-such-thing.so.9"};
  const auto spoken = fallback.transcribe("word", Language::kEnglishUs);
  EXPECT_EQ(fallback.transcribe("’-文", Language::kHindi),
            "");  // nothing is opened for text without a letter of the language
  ASSERT_FALSE(spoken);
  EXPECT_EQ(spoken.error().code, Code::kUnsupported);
  EXPECT_NE(spoken.error().remedy.find("libespeak-ng1"), std::string::npos);
  EXPECT_EQ(fallback.transcribe(std::string(70'000, 'a'), Language::kEnglishUs).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace hearth::text
