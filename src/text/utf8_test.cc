#include "text/utf8.h"

#include <gtest/gtest.h>

namespace hearth::text {
namespace {

TEST(Utf8, RoundTripsEveryLength) {
  const std::string all = "a\u00e9\u20ac\U0001F600";
  EXPECT_EQ(to_utf8(from_utf8(all)), all);
  EXPECT_EQ(from_utf8(all).size(), 4U);
}

TEST(Utf8, TellsTheOffsetOfTheFirstMalformedByte) {
  EXPECT_EQ(find_invalid_utf8("plain"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("ab\xFFzz"), 2U);
  EXPECT_EQ(find_invalid_utf8("a\xC3"), 1U);             // cut short
  EXPECT_EQ(find_invalid_utf8("\xC0\xAF"), 0U);          // overlong
  EXPECT_EQ(find_invalid_utf8("x\xED\xA0\x80"), 1U);     // a surrogate
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0U);  // past the last character
}

TEST(Utf8, KnowsTheCaseOfLatinGreekAndCyrillic) {
  EXPECT_EQ(to_lower(U"ÀÉŁŽΑЯIß"), U"àéłžαяiß");
  EXPECT_EQ(to_upper(U'ÿ'), U'Ÿ');
  EXPECT_TRUE(is_all_lower(U"àb-1"));
  EXPECT_FALSE(is_letter(U'×'));
  EXPECT_TRUE(is_letter(U'中'));
}

TEST(Utf8, ComposesAccentsAndDropsWhatIsInvisible) {
  EXPECT_EQ(compose(U"cafe\u0301"), U"café");
  EXPECT_EQ(compose(U"ｆｕｌｌ ﬁsh"), U"full fish");
  EXPECT_EQ(compose(U"a\u200Bb\u00ADc\uFEFF"), U"abc");
  EXPECT_EQ(compose(U"\u0301x"), U"\u0301x");  // nothing to sit on
}

TEST(Utf8, TellsPicturesFromSigns) {
  EXPECT_TRUE(is_pictograph(U'\U0001F600'));
  EXPECT_TRUE(is_pictograph(U'☀'));
  EXPECT_FALSE(is_pictograph(U'€'));
  EXPECT_FALSE(is_pictograph(U'ˈ'));
}

}  // namespace
}  // namespace hearth::text
