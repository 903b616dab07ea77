// Languages, voices and ids: what a request names.

#include <gtest/gtest.h>

#include "text/language.h"
#include "text/tokens.h"
#include "text/voice_mix.h"

namespace hearth::text {
namespace {

TEST(Language, IsKnownByLetterAndByTagInAnyCase) {
  EXPECT_EQ(parse_language("a"), Language::kEnglishUs);
  EXPECT_EQ(parse_language("en_GB"), Language::kEnglishUk);
  EXPECT_EQ(parse_language("pt-BR"), Language::kPortuguese);
  EXPECT_EQ(parse_language("zh-Hans-CN"), Language::kMandarin);
  EXPECT_EQ(parse_language("es-mx"), Language::kSpanish);
  for (const char* bad : {"", "x", "de", "english", "-", "en-us-and-then-much-more-than-any-tag-has"}) {
    if (std::string_view{bad}.substr(0, 3) == "en-") {
      EXPECT_EQ(parse_language(bad).error().code, base::Code::kInvalidArgument);
    } else {
      EXPECT_FALSE(parse_language(bad)) << bad;
    }
  }
}

TEST(Language, EveryCodeReadsBackAsItself) {
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(parse_language(language_code(static_cast<Language>(i))), static_cast<Language>(i));
}

TEST(Language, ComesFromTheVoiceName) {
  EXPECT_EQ(language_of_voice("af_heart"), Language::kEnglishUs);
  EXPECT_EQ(language_of_voice("zm_yunxi"), Language::kMandarin);
  EXPECT_FALSE(language_of_voice("heart"));
  EXPECT_FALSE(language_of_voice("xf_heart"));
  EXPECT_FALSE(language_of_voice(""));
}

TEST(Tokens, AreKokorosIdsAndUnknownSymbolsAreCounted) {
  const TokenIds tokens = tokenize("həlˈO, wˈɜɹld!");
  EXPECT_EQ(tokens.ids, (std::vector<std::int64_t>{50, 83, 54, 156, 31, 3, 16, 65, 156, 87, 123, 54, 46, 5}));
  EXPECT_EQ(tokens.unknown, 0U);
  EXPECT_EQ(tokenize("a❓b\xFF").unknown, 2U);
  EXPECT_EQ(find_token_id(U'ᵻ'), 177);
  EXPECT_EQ(find_token_id(U'$'), std::nullopt);
}

TEST(VoiceMix, OneVoiceIsAMixOfOne) {
  EXPECT_EQ(*parse_voice_mix("af_heart"), (std::vector<VoiceShare>{{"af_heart", 1.0F}}));
}

TEST(VoiceMix, WeightsAreMadeToSumToOne) {
  const auto mix = parse_voice_mix(" af_bella(2) + af_sky(1)+af_bella ");
  ASSERT_TRUE(mix);
  ASSERT_EQ(mix->size(), 2U);
  EXPECT_EQ((*mix)[0].name, "af_bella");
  EXPECT_FLOAT_EQ((*mix)[0].weight, 0.75F);
  EXPECT_FLOAT_EQ((*mix)[1].weight, 0.25F);
}

TEST(VoiceMix, RefusesWhatItDoesNotUnderstandAndSaysWhere) {
  const std::string long_name(65, 'a');
  for (const std::string bad :
       {"", " ", "+", "af_sky+", "af_sky(", "af_sky()", "af_sky(0)", "af_sky(-1)", "af_sky(1e9)", "af_sky(2000)",
        "af_sky(nan)", "AF_SKY", "af_sky af_bella", "../x", "af_sky(1)x", "a+b+c+d+e+f+g+h+i", long_name.c_str()}) {
    const auto mix = parse_voice_mix(bad);
    ASSERT_FALSE(mix) << bad;
    EXPECT_EQ(mix.error().code, base::Code::kInvalidArgument);
    EXPECT_FALSE(mix.error().remedy.empty());
  }
  EXPECT_FALSE(parse_voice_mix(std::string(100'000, '+')));
}

}  // namespace
}  // namespace hearth::text
