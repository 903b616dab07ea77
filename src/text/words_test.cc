// Cutting: sentences into words, words into parts, text into passages.

#include "text/words.h"

#include <gtest/gtest.h>

#include "text/markup.h"
#include "text/passages.h"
#include "text/subwords.h"
#include "text/utf8.h"

namespace hearth::text {
namespace {

std::string cut(std::string_view text) {
  const std::u32string wide = from_utf8(text);
  std::string out;
  for (const Word& word : cut_words(wide)) {
    if (!out.empty()) out += '|';
    out += to_utf8(word.text);
    if (word.space_after) out += '_';
  }
  return out;
}

std::string parts(std::u32string_view word) {
  std::string out;
  for (const auto part : cut_subwords(word)) out += (out.empty() ? "" : "|") + to_utf8(part);
  return out;
}

TEST(Words, MarksStandApart) {
  EXPECT_EQ(cut("Hello, world!"), "Hello|,_|world|!");
  EXPECT_EQ(cut("(\"Yes,\" he said.)"), "(|\"|Yes|,|\"_|he_|said|.|)");
  EXPECT_EQ(cut("wait... what—no"), "wait|..._|what|—|no");
}

TEST(Words, ContractionsAreCutAndAbbreviationsAreNot) {
  EXPECT_EQ(cut("Don't I'm we'd've John's can't"), "Do|n't_|I|'m_|we|'d|'ve_|John|'s_|ca|n't");
  EXPECT_EQ(cut("Mr. Fox at 5pm in the U.S."), "Mr._|Fox_|at_|5|pm_|in_|the_|U.S.");
  EXPECT_EQ(cut("Well, were its shells ill?"), "Well|,_|were_|its_|shells_|ill|?");
}

TEST(Words, MoneyUnitsAndHyphensAreCut) {
  EXPECT_EQ(cut("$9.50, 5km, 20%"), "$|9.50|,_|5|km|,_|20|%");
  EXPECT_EQ(cut("It costs 5€. 20 £"), "It_|costs_|5|€|._|20_|£");
  EXPECT_EQ(cut("−5 7−2 (−$3)"), "−|5_|7|−|2_|(|−|$|3|)");
  EXPECT_EQ(cut("well-being 1914-18"), "well|-|being_|1914|-|18");
}

TEST(Words, AddressesStayWhole) {
  EXPECT_EQ(cut("see example.com/a-b."), "see_|example.com/a-b|.");
  EXPECT_TRUE(looks_like_address(U"me@example.org"));
  EXPECT_TRUE(looks_like_address(U"https://a.io:8080/x"));
  EXPECT_FALSE(looks_like_address(U"e.g."));
  EXPECT_FALSE(looks_like_address(U"3.14"));
  EXPECT_FALSE(looks_like_address(U"@x.com"));
}

TEST(Words, RememberWhereTheyBegan) {
  const std::u32string text = U"  one  (two)";
  const auto words = cut_words(text);
  ASSERT_EQ(words.size(), 4U);
  for (const Word& word : words) EXPECT_EQ(text.substr(word.begin, word.text.size()), word.text);
}

TEST(Words, ALongRunOfMarksTakesLinearTime) {
  EXPECT_EQ(cut_words(std::u32string(50'000, U'(')).size(), 50'000U);
  EXPECT_FALSE(cut_words(std::u32string(50'000, U'a')).empty());
}

TEST(Subwords, AreCutAtCaseFiguresAndHyphens) {
  EXPECT_EQ(parts(U"iPhone"), "i|Phone");
  EXPECT_EQ(parts(U"B52"), "B|52");
  EXPECT_EQ(parts(U"re-do"), "re|-|do");
  EXPECT_EQ(parts(U"1,234.5th"), "1,234.5|th");
  EXPECT_EQ(parts(U"-5"), "-5");
  EXPECT_EQ(parts(U"don't"), "don't");
  EXPECT_EQ(parts(U"McDonald"), "Mc|Donald");
  EXPECT_EQ(parts(U"dogs'"), "dogs|'");
}

TEST(Passages, ParagraphsEndAtBlankLines) {
  const auto paragraphs = cut_paragraphs(U"\n\nOne\ntwo.\r\n\r\n  \nThree\n");
  ASSERT_EQ(paragraphs.size(), 2U);
  EXPECT_EQ(paragraphs[0], U"One\ntwo.");
  EXPECT_EQ(paragraphs[1], U"Three");
}

TEST(Passages, ListsAndHeadingsAreParagraphsWithoutTheirMarks) {
  const auto paragraphs = cut_paragraphs(U"# Title\nText\n- one\n* two\n3. three\nand more - or less");
  ASSERT_EQ(paragraphs.size(), 5U);
  EXPECT_EQ(paragraphs[0], U"Title");
  EXPECT_EQ(paragraphs[1], U"Text");
  EXPECT_EQ(paragraphs[3], U"two");
  EXPECT_EQ(paragraphs[4], U"3. three\nand more - or less");
}

TEST(Passages, SentencesEndAtStopsThatAreNoAbbreviations) {
  const auto sentences = cut_sentences(U"Dr. Fox met J. Smith. “Really?” he asked… Yes! it was 3.5 p.m. there.");
  ASSERT_EQ(sentences.size(), 3U);
  EXPECT_EQ(sentences[0], U"Dr. Fox met J. Smith.");
  EXPECT_EQ(sentences[1], U"“Really?” he asked…");
}

TEST(Passages, AnEndlessSentenceIsCutAtABlank) {
  std::u32string text;
  for (int i = 0; i < 1000; ++i) text += U"word ";
  std::size_t size = 0;
  for (const auto sentence : cut_sentences(text, 300)) {
    EXPECT_LE(sentence.size(), 300U);
    size += sentence.size() + 1;
  }
  EXPECT_EQ(size, text.size());
}

TEST(Markup, SaysHowAWordSoundsAndHowStrongly) {
  const Marked marked = take_markup(U"a [Kokoro](/kˈOkəɹO/) [b](-0.5) [c](+2) [90](#&#) d");
  EXPECT_EQ(marked.text, U"a Kokoro b c 90 d");
  ASSERT_EQ(marked.wishes.size(), 4U);
  EXPECT_EQ(marked.wishes[0].phonemes, U"kˈOkəɹO");
  EXPECT_EQ(marked.text.substr(marked.wishes[0].begin, marked.wishes[0].end - marked.wishes[0].begin), U"Kokoro");
  EXPECT_EQ(marked.wishes[1].stress, -0.5F);
  EXPECT_EQ(marked.wishes[2].stress, 2.0F);
  EXPECT_EQ(marked.wishes[3].number_flags, "&");
}

TEST(Markup, StressIsAWholeNumberOrAHalfNextToZeroAsMisakiTakesIt) {
  EXPECT_EQ(take_markup(U"[a](0.5)").wishes.at(0).stress, 0.5F);
  const Marked marked = take_markup(U"[a](1.5) [b](-1.5)");
  EXPECT_EQ(marked.text, U"a b");
  EXPECT_TRUE(marked.wishes.empty());
}

TEST(Markup, PhonemesAreInKokorosSymbolsHoweverTheyWereTyped) {
  const Marked marked =
      take_markup(compose(U"[Goethe](/ˈgøːtə/) [non](/no\u0303/) [vin](/v\u1EBD\u00A0/) [ciao](/t\u0361ʃa\u0361o/)"));
  ASSERT_EQ(marked.wishes.size(), 4U);
  EXPECT_EQ(marked.wishes[0].phonemes, U"ˈ\u0261øːtə");
  EXPECT_EQ(marked.wishes[1].phonemes, U"no\u0303");
  EXPECT_EQ(marked.wishes[2].phonemes, U"ve\u0303 ");
  EXPECT_EQ(marked.wishes[3].phonemes, U"ʧao");
  EXPECT_TRUE(check_phonemes(marked));
}

TEST(Markup, PhonemesThatKokoroLacksAreToldByTheirSymbol) {
  const auto known = check_phonemes(take_markup(U"[cat](/kæt/) [click](/kʘ/)"));
  ASSERT_FALSE(known);
  EXPECT_EQ(known.error().code, base::Code::kInvalidArgument);
  EXPECT_NE(known.error().message.find("ʘ (U+0298)"), std::string::npos) << known.error().message;
  EXPECT_TRUE(check_phonemes(take_markup(U"ʘ [here](/a/path/) [there](https://x.org/ʘ)")));
}

TEST(Markup, OtherLinksKeepTheirTextAndLooseBracketsStay) {
  EXPECT_EQ(take_markup(U"see [this](https://x.org) [and] (that) []() [x").text, U"see this [and] (that) []() [x");
  EXPECT_TRUE(take_markup(U"[this](https://x.org)").wishes.empty());
  EXPECT_EQ(take_markup(std::u32string(50'000, U'[')).text.size(), 50'000U);
}

}  // namespace
}  // namespace hearth::text
