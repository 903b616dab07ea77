// English from stress marks up to whole sentences, on a small lexicon and without espeak-ng.

#include "text/english.h"

#include <gtest/gtest.h>

#include "text/espeak_symbols.h"
#include "text/expand.h"
#include "text/heteronyms.h"
#include "text/lexicon_for_test.h"
#include "text/numbers.h"
#include "text/utf8.h"

namespace hearth::text {
namespace {

TEST(Stress, IsPutBeforeTheFirstVowelMovedAndTakenOff) {
  EXPECT_EQ(apply_stress(U"kæt", 2.0F), U"kˈæt");
  EXPECT_EQ(apply_stress(U"kæt", 0.5F), U"kˌæt");
  EXPECT_EQ(apply_stress(U"kˈæt", 0.5F), U"kˈæt");
  EXPECT_EQ(apply_stress(U"kˈæˌt", -0.5F), U"kˌæt");
  EXPECT_EQ(apply_stress(U"kˌæt", 1.0F), U"kˈæt");
  EXPECT_EQ(apply_stress(U"kˈæˌt", -2.0F), U"kæt");
  EXPECT_EQ(apply_stress(U"s", 2.0F), U"s");  // no vowel to bear it
  EXPECT_EQ(apply_stress(U"kæt", std::nullopt), U"kæt");
  EXPECT_EQ(stress_weight(U"kAt"), 4);
}

TEST(Numbers, AreSpelledAsNum2words) {
  EXPECT_EQ(cardinal("0"), "zero");
  EXPECT_EQ(cardinal("121"), "one hundred and twenty-one");
  EXPECT_EQ(cardinal("1001"), "one thousand and one");
  EXPECT_EQ(cardinal("1234567"), "one million, two hundred and thirty-four thousand, five hundred and sixty-seven");
  EXPECT_EQ(cardinal("1000000000000000000000000000000000"), "one decillion");
  EXPECT_EQ(ordinal("12"), "twelfth");
  EXPECT_EQ(ordinal("121"), "one hundred and twenty-first");
  EXPECT_EQ(ordinal("20"), "twentieth");
  EXPECT_EQ(ordinal("1000"), "one thousandth");
  EXPECT_EQ(year("1984"), "nineteen eighty-four");
  EXPECT_EQ(year("1905"), "nineteen oh-five");
  EXPECT_EQ(year("1900"), "nineteen hundred");
  EXPECT_EQ(year("2005"), "two thousand and five");
  EXPECT_EQ(decimal("3.140"), "three point one four");
  EXPECT_EQ(decimal("2.0"), "two");
}

TEST(EspeakSymbols, BecomeKokoros) {
  EXPECT_EQ(english_from_espeak(U"d^ʒˈe^ɪmz bˈo^ʊt bˈɜːd", Accent::kUs), U"ʤˈAmz bˈOt bˈɜɹd");
  EXPECT_EQ(english_from_espeak(U"ɡˈə^ʊ ðˈe^ə", Accent::kUk), U"ɡˈQ ðˈɛː");
  EXPECT_EQ(english_from_espeak(U"bˈʌʔn\u0329", Accent::kUs), U"bˈʌʔn");
  EXPECT_EQ(english_from_espeak(U"lˈɪtl\u0329", Accent::kUs), U"lˈɪtᵊl");
  EXPECT_EQ(foreign_from_espeak(U"t^sa^ɪ-t o^ʊ", Language::kItalian), U"ʦIt O");
  EXPECT_EQ(foreign_from_espeak(U"t^s.ˈonɡ5 s.ˈi.5 nˈi2", Language::kMandarin), U"\uAB67onɡ→ ʂɨ→ ni↓");
}

struct English : testing::Test {
  std::shared_ptr<const Lexicon> lexicon = open_small_lexicon();
  Tagger tagger{*lexicon};
  FakeFallback fallback;
  EnglishReader us{*lexicon, tagger, &fallback, Accent::kUs};
  EnglishReader alone{*lexicon, tagger, nullptr, Accent::kUs};
  EnglishWords words{*lexicon, Accent::kUs};

  std::string word(std::string_view text, Tag tag = "NN", Following following = {false, false}) const {
    const auto phones = words.sound({text, tag, std::nullopt, {}, 0, true}, following);
    return phones ? to_utf8(*phones) : "?";
  }
};

TEST_F(English, KnownWordsSoundAsTheLexiconSays) {
  EXPECT_EQ(us.read(U"Hello, world!"), "həlˈO, wˈɜɹld!");
  EXPECT_EQ(word("wind", "NN"), "wˈɪnd");
  EXPECT_EQ(word("wind", "VBP"), "wˈInd");
  EXPECT_EQ(word("will", "MD"), "wɪl");
  EXPECT_EQ(word("will", "MD", {std::nullopt, false}), "wˈɪl");
}

TEST_F(English, SuffixesFollowTheStem) {
  EXPECT_EQ(word("cats"), "kˈæts");
  EXPECT_EQ(word("dogs"), "dˈɔɡz");
  EXPECT_EQ(word("houses"), "hˈWsᵻz");
  EXPECT_EQ(word("dog's"), "dˈɔɡz");
  EXPECT_EQ(us.read(U"the dogs' house"), "ðə dˈɔɡz hˈWs");
  EXPECT_EQ(us.read(U"the dog’s house"), "ðə dˈɔɡz hˈWs");
  EXPECT_EQ(word("walked"), "wˈɔkt");
  EXPECT_EQ(word("waited"), "wˈAɾᵻd");
  EXPECT_EQ(word("baking"), "bˈAkɪŋ");
  EXPECT_EQ(word("waiting"), "wˈAɾɪŋ");
}

TEST_F(English, CapitalsAreReadOrSpelled) {
  EXPECT_EQ(word("HELLO", "UH"), "həlˈO");
  EXPECT_EQ(word("BBC", "NNP"), "bˌibˌisˈi");
  EXPECT_EQ(word("U.S."), "jˌuˈɛs");
  EXPECT_EQ(word("US", "NNP"), "jˌuˈɛs");
  EXPECT_EQ(word("US", "PRP"), "ˈʌs");
}

TEST_F(English, LittleWordsMindWhatFollows) {
  EXPECT_EQ(us.read(U"the cat, the apple"), "ðə kˈæt, ði ˈæpᵊl");
  EXPECT_EQ(us.read(U"to cat to apple to"), "tə kˈæt tʊ ˈæpᵊl tˈu");
  EXPECT_EQ(us.read(U"a cat"), "ɐ kˈæt");
  EXPECT_EQ(us.read(U"I am"), "ˌI æm");
  EXPECT_EQ(word("in", "IN"), "ɪn");
  EXPECT_EQ(word("in", "IN", {std::nullopt, false}), "ˈɪn");
  EXPECT_EQ(word("used", "VBD", {false, true}), "jˈust");
}

TEST_F(English, NumbersAndMoneyAreRead) {
  EXPECT_EQ(us.read(U"21"), "twˈɛnti wˈʌn");
  EXPECT_EQ(us.read(U"1984"), "nˌIntˈin ˈATi fˈɔɹ");
  EXPECT_EQ(us.read(U"3rd"), "θˈɜɹd");
  EXPECT_EQ(us.read(U"2.5%"), "tˈu pYnt fˈIv pəɹsˈɛnt");
  EXPECT_EQ(us.read(U"$1"), "wˈʌn dˈɑləɹ");
  EXPECT_EQ(us.read(U"$2.05"), "tˈu dˈɑləɹz ænd fˈIv sˈɛnts");
  EXPECT_EQ(us.read(U"£0.03"), "θɹˈi pˈɛns");
  EXPECT_EQ(us.read(U"5€."), "fˈIv jˈʊɹOz.");
  EXPECT_EQ(us.read(U"20 £"), "twˈɛnti pˈWndz");
  EXPECT_EQ(us.read(U"2.05 €"), "tˈu jˈʊɹOz ænd fˈIv sˈɛnts");
  EXPECT_EQ(us.read(U"$3.459"), "θɹˈi pYnt fˈɔɹ fˈIv nˈIn dˈɑləɹz");
  EXPECT_EQ(us.read(U"-5"), "mˈInəs fˈIv");
  EXPECT_EQ(us.read(U"\u22125"), "mˈInəs fˈIv");
  EXPECT_EQ(us.read(U"B22"), "bˈi twˈɛnti tˈu");
  EXPECT_EQ(us.read(U"80s"), "ˈATiz");
}

TEST_F(English, AVeryLongNumberIsReadDigitByDigit) {
  const std::string read = us.read(std::u32string(60, U'1'));
  EXPECT_EQ(std::count(read.begin(), read.end(), ' '), 59);
}

TEST_F(English, UnknownWordsGoToTheFallbackOrAreSpelled) {
  fallback.answers["blorb"] = "blˈɔːɹb";
  EXPECT_EQ(us.read(U"blorb cat"), "blˈɔɹb kˈæt");
  EXPECT_EQ(alone.read(U"blo cat"), "bˌiˌɛlˈO kˈæt");
  fallback.refuses = true;
  EXPECT_EQ(us.read(U"blo"), "bˌiˌɛlˈO");
}

TEST_F(English, CompoundsKeepOneMainStress) {
  EXPECT_EQ(us.read(U"black-bird"), "blˌækbˈɜɹd");
  EXPECT_EQ(us.read(U"cat-dog-bird"), "kˌætdˈɔɡbˈɜɹd");
}

TEST_F(English, MarkupOverridesTheSound) {
  EXPECT_EQ(us.read(U"[cat](/dˈɔɡ/) [two words](/wˈʌn/)."), "dˈɔɡ wˈʌn.");
  EXPECT_EQ(us.read(U"[cat](-1) [am](2)"), "kˌæt ˈæm");
  EXPECT_EQ(us.read(U"1 kg [dog](/kˈæt/)"),
            us.read(U"1 kilogram") + " kˈæt");  // a word that grew takes no wish but its own
  EXPECT_EQ(us.read(U"[3/4](/kˈæt/) dog"), "kˈæt dˈɔɡ");
  EXPECT_EQ(us.read(U"[five](/kˈæt/) [5](-1) €"), "kˈæt fˌIv jˌʊɹOz");  // a sign that moves takes no wish
}

TEST_F(English, MarksThatKokoroHasAreKept) {
  EXPECT_EQ(us.read(U"\"cat\" (dog) - bird... cat—dog; one: two?!"), "“kˈæt” (dˈɔɡ) — bˈɜɹd… kˈæt—dˈɔɡ; wˈʌn: tˈu?!");
  EXPECT_EQ(us.read(U"*cat* _dog_ `bird` 😀 ~"), "kˈæt dˈɔɡ bˈɜɹd");
}

TEST_F(English, HostileTextComesBack) {
  for (const std::u32string_view piece : {U"[", U"](", U"'", U"1,", U"-", U".", U"a1", U"aB", U"$", U"'s", U"😀", U"é",
                                          U"\u0301", U"[a](/", U"/", U"1/2-"}) {
    std::u32string text;
    while (text.size() < 5'000) text += piece;
    (void)us.read(text);
    (void)alone.read(text);
  }
}

std::string expanded(std::u32string_view text, Accent accent = Accent::kUs) {
  std::string out;
  for (const Word& word : expand(cut_words(text), accent)) {
    out += to_utf8(word.text);
    if (word.space_after) out += ' ';
  }
  return out;
}

TEST(Expand, TimesDatesAndFractions) {
  EXPECT_EQ(expanded(U"at 10:30 or 7:05, 9:00"), "at 10 30 or 7 oh 5, 9 o'clock");
  EXPECT_EQ(expanded(U"10:00 p.m."), "10 p.m.");
  EXPECT_EQ(expanded(U"3/4/2021"), "March fourth, 2021");
  EXPECT_EQ(expanded(U"3/4/2021", Accent::kUk), "April third, 2021");
  EXPECT_EQ(expanded(U"2021-03-04"), "March fourth, 2021");
  EXPECT_EQ(expanded(U"3/4 of 2 1/2, ½"), "three quarters of 2 and a half, a half");
  EXPECT_EQ(expanded(U"24/7 and 99/0"), "24/7 and 99/0");
}

TEST(Expand, TimesWithTheirHalfOfTheDayCloseBehind) {
  EXPECT_EQ(expanded(U"9:00AM, 10:05PM or 5:30 p.m."), "9 a.m., 10 oh 5 p.m. or 5 30 p.m.");
  EXPECT_EQ(expanded(U"5:30p.m. on"), "5 30 p.m. on");
  EXPECT_EQ(expanded(U"by 5:30p.m."), "by 5 30 p.m..");  // the last stop is the sentence's
  EXPECT_EQ(expanded(U"9:00 A.M. sharp"), "9 A.M. sharp");
}

TEST(Expand, DatesWithAShortYearOrTheYearInFront) {
  EXPECT_EQ(expanded(U"12/25/24, 12/31/69"), "December twenty-fifth, 2024, December thirty-first, 1969");
  EXPECT_EQ(expanded(U"3/4/21"), "March fourth, 2021");
  EXPECT_EQ(expanded(U"3/4/21", Accent::kUk), "April third, 2021");
  EXPECT_EQ(expanded(U"2024/03/04"), "March fourth, 2024");
  EXPECT_EQ(expanded(U"2024/03/04", Accent::kUk), "March fourth, 2024");
  EXPECT_EQ(expanded(U"1/2, 3/4, 13/13/13, 1/2/3"), "one half, three quarters, 13/13/13, 1/2/3");
}

TEST(Expand, UnitsAndSigns) {
  EXPECT_EQ(expanded(U"5km, 1 kg, 20°C"), "5 kilometers, 1 kilogram, 20 degrees Celsius");
  EXPECT_EQ(expanded(U"km by km"), "km by km");
  // A reader says "three billion dollars"; left as it was, the b and the n were spelled behind "three dollars".
  EXPECT_EQ(expanded(U"$5k and $3 bn"), "$5 thousand and $3 billion");
  EXPECT_EQ(expanded(U"2 + 2 = 4; #7; 5 - 3"), "2 + 2 equals 4; number 7; 5 minus 3");
}

TEST(Expand, SumsOfMoneyHaveTheirSignInFrontAndTheirScaleSpelledOut) {
  EXPECT_EQ(expanded(U"$3bn, £2 m. in $5M."), "$3 billion, £2 million in $5 million.");
  EXPECT_EQ(expanded(U"It cost £2 m."), "It cost £2 million.");
  EXPECT_EQ(expanded(U"5€, 20 £ and 3 bn € or 2 million £"), "€5, £20 and €3 billion or £2 million");
  EXPECT_EQ(expanded(U"5,50 € or 1.234,50 €"), "€5.50 or €1234.50");
  EXPECT_EQ(expanded(U"5 $10 notes, 10-15 €"), "5 $10 notes, 10 to 15 euros");
  EXPECT_EQ(expanded(U"¥3 bn, 500 ¥, 1 ₹"), "3 billion yen, 500 yen, 1 rupee");
  EXPECT_EQ(expanded(U"$5 million, $5 bill"), "$5 million, $5 bill");
}

TEST(Expand, TheMinusSignIsSaidWhereItIsOne) {
  EXPECT_EQ(expanded(U"\u22125 °C, 5 \u2212 3, 7\u22122"), "-5 degrees Celsius, 5 minus 3, 7 minus 2");
  EXPECT_EQ(expanded(U"x \u2212 y, one \u2212 two"), "x minus y, one \u2212 two");
  EXPECT_EQ(expanded(U"\u2212$5"), "minus $5");
}

TEST(Expand, RangesAreToAndTelephoneNumbersAreDigits) {
  EXPECT_EQ(expanded(U"1914-1918, 10–15"), "1914 to 1918, 10 to 15");
  EXPECT_EQ(expanded(U"555-0199"), "5 5 5 0 1 9 9");
  EXPECT_EQ(expanded(U"1-800-555-0199."), "1 8 0 0 5 5 5 0 1 9 9.");
}

TEST(Expand, AbbreviationsAndRomanNumerals) {
  EXPECT_EQ(expanded(U"Prof. Fox, 5 Oak St. in Jan."), "Professor Fox, 5 Oak Street in January.");
  EXPECT_EQ(expanded(U"St. Paul"), "Saint Paul");
  EXPECT_EQ(expanded(U"No. 5. He said no."), "number 5. He said no.");
  EXPECT_EQ(expanded(U"World War II, Henry VIII, Chapter IV, Vitamin C, Act I"),
            "World War 2, Henry the eighth, Chapter 4, Vitamin C, Act 1");
}

TEST(Expand, AddressesAreReadOut) {
  EXPECT_EQ(expanded(U"me_2@example.co.uk"), "me underscore 2 at example dot CO dot UK");
  EXPECT_EQ(expanded(U"https://www.example.com/a-b."), "W W W dot example dot com slash a dash b.");
}

Tag sense_tag(std::u32string_view text, const std::vector<Tag>& tags, std::size_t at) {
  const auto sense = find_sense(cut_words(text), tags, at);
  return sense ? sense->tag : Tag{"-"};
}

TEST(Heteronyms, AreToldByTheirNeighbours) {
  EXPECT_EQ(sense_tag(U"She has read it", {"PRP", "VBZ", "VB", "PRP"}, 2), "VBN");
  EXPECT_EQ(sense_tag(U"We will read it", {"PRP", "MD", "VBD", "PRP"}, 2), "VB");
  EXPECT_EQ(sense_tag(U"a close race", {"DT", "VB", "NN"}, 1), "JJ");
  EXPECT_EQ(sense_tag(U"the refuse is", {"DT", "VB", "VBZ"}, 1), "NN");
  EXPECT_EQ(sense_tag(U"bass guitar", {"NN", "NN"}, 0), "JJ");
  const auto lead = find_sense(cut_words(U"made of lead."), {"VBN", "IN", "NN", "."}, 2);
  ASSERT_TRUE(lead);
  EXPECT_EQ(lead->us, U"lˈɛd");
  EXPECT_FALSE(find_sense(cut_words(U"the cat"), {"DT", "NN"}, 1));
}

TEST_F(English, TheTaggerAppliesItsThreeKindsOfRules) {
  const auto tags_of = [this](std::u32string_view text) { return tagger.tag(cut_words(text)); };
  EXPECT_EQ(tags_of(U"I will wind"), (std::vector<Tag>{"PRP", "MD", "VB"}));
  EXPECT_EQ(tags_of(U"the blorbs"), (std::vector<Tag>{"DT", "NNS"}));
  EXPECT_EQ(tags_of(U"Blorb 12"), (std::vector<Tag>{"NNP", "CD"}));
  EXPECT_EQ(tags_of(U"(\"cat\")"), (std::vector<Tag>{"-LRB-", "``", "NN", "''", "-RRB-"}));
}

}  // namespace
}  // namespace hearth::text
