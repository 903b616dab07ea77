#include "text/lexicon.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "text/lexicon_for_test.h"

namespace hearth::text {
namespace {

std::string small_bytes() { return *small_lexicon().build(); }

// Asks for everything that a reader of text would; only that it comes back matters.
void use(const Lexicon& lexicon) {
  for (const char* word : {"hello", "Hello", "wind", "US", "nothing", "a", ""}) {
    for (const Book book : {Book::kUsGold, Book::kUsSilver, Book::kGbGold, Book::kGbSilver}) {
      if (const auto entry = lexicon.find_any_case(book, word)) {
        (void)entry->find("VERB");
        (void)entry->find("");
        (void)entry->is_by_tag();
      }
    }
    (void)lexicon.find_tag(word);
  }
  (void)lexicon.rules("context");
  (void)lexicon.verify();
}

TEST(Lexicon, FindsWhatWasBuilt) {
  const auto lexicon = open_small_lexicon();
  EXPECT_EQ(lexicon->find(Book::kUsGold, "hello")->find("")->phonemes, "həlˈO");
  EXPECT_FALSE(lexicon->find(Book::kUsGold, "Hello"));
  EXPECT_EQ(lexicon->find_any_case(Book::kUsGold, "Hello")->find("")->phonemes, "həlˈO");
  EXPECT_TRUE(lexicon->find_any_case(Book::kUsGold, "london"));
  EXPECT_FALSE(lexicon->find_any_case(Book::kUsGold, "LONDON"));
  EXPECT_EQ(lexicon->find_tag("the"), "DT");
  EXPECT_EQ(lexicon->rules("entities"), "New York LOC\n");
  EXPECT_TRUE(lexicon->verify());
}

TEST(Lexicon, EntriesMayBeByPartOfSpeechAndMayHaveNoSound) {
  const auto lexicon = open_small_lexicon();
  const Entry wind = *lexicon->find(Book::kUsGold, "wind");
  EXPECT_TRUE(wind.is_by_tag());
  EXPECT_EQ(wind.find("VERB")->phonemes, "wˈInd");
  EXPECT_FALSE(wind.find("NOUN"));
  EXPECT_FALSE(lexicon->find(Book::kUsGold, "cat")->is_by_tag());
  EXPECT_EQ(lexicon->find(Book::kUsGold, "US")->find("NOUN")->phonemes, std::nullopt);
}

TEST(Lexicon, TheSameEntriesGiveTheSameBytes) { EXPECT_EQ(small_bytes(), small_bytes()); }

TEST(Lexicon, AFileThatIsNoTableIsRefusedWithARemedy) {
  const std::string good = small_bytes();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{39}, std::size_t{200}, good.size() - 1}) {
    const auto lexicon = Lexicon::from_bytes(good.substr(0, size));
    ASSERT_FALSE(lexicon) << size;
    EXPECT_EQ(lexicon.error().code, base::Code::kCorrupt);
    EXPECT_FALSE(lexicon.error().remedy.empty());
  }
  EXPECT_FALSE(Lexicon::from_bytes(good + "x"));
  EXPECT_FALSE(Lexicon::from_bytes(std::string(good.size(), '\0')));
  EXPECT_EQ(Lexicon::open("/nonexistent/table").error().code, base::Code::kNotFound);
}

TEST(Lexicon, AnyChangedByteIsFoundByVerifyOrRefusedAtOnce) {
  const std::string good = small_bytes();
  for (std::size_t at = 0; at < good.size(); at += at < 400 ? 1 : 97) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    const auto lexicon = Lexicon::from_bytes(bad);
    if (lexicon) {
      EXPECT_FALSE(lexicon->verify()) << "byte " << at;
    }
  }
}

TEST(Lexicon, DamageNeverReachesOutsideTheFile) {  // the address sanitizer watches
  const std::string good = small_bytes();
  std::mt19937 random{1};
  for (int round = 0; round < 400; ++round) {
    std::string bad = good;
    for (int i = 0; i < 64; ++i) bad[240 + random() % (bad.size() - 240)] = static_cast<char>(random());
    const auto lexicon = Lexicon::from_bytes(bad);
    if (lexicon) use(*lexicon);
  }
}

TEST(LexiconBuilder, RefusesAnEntryThatFitsNoRecord) {
  LexiconBuilder long_word;
  long_word.add(Book::kUsGold, std::string(256, 'a'), "a");
  EXPECT_FALSE(long_word.build());
  LexiconBuilder long_sound;
  long_sound.add(Book::kUsGold, "a", std::string(255, 'a'));
  EXPECT_FALSE(long_sound.build());
}

}  // namespace
}  // namespace hearth::text
