#include "wire/json_text.h"

#include <gtest/gtest.h>

#include <string>

namespace hearth::wire {
namespace {

TEST(CheckJsonText, TakesEveryLengthOfCharacter) {
  EXPECT_TRUE(check_json_text("{\"a\":\"z\u00e9\u20ac\U0001F600\"}"));
  EXPECT_TRUE(check_json_text(""));
}

TEST(CheckJsonText, RefusesWhatIsNotUtf8AndSaysWhere) {
  using namespace std::string_literals;
  const std::string cases[] = {"ab\xff"s,         "ab\x80"s,         "ab\xc0\xaf"s,         "ab\xc1\xbf"s,
                               "ab\xe0\x80\xaf"s, "ab\xed\xa0\x80"s, "ab\xf4\x90\x80\x80"s, "ab\xf8\x88\x80\x80\x80"s,
                               "ab\xc3"s,         "ab\xe2\x82"s,     "ab\xf0\x9f\x98"s};
  for (const std::string& bad : cases) {
    const auto checked = check_json_text(bad);
    ASSERT_FALSE(checked) << testing::PrintToString(bad);
    EXPECT_EQ(checked.error().message, "the body is not valid UTF-8 at byte 2");
  }
}

TEST(CheckJsonText, BoundsTheDepth) {
  const auto nested = [](int n) { return std::string(static_cast<std::size_t>(n), '['); };
  EXPECT_TRUE(check_json_text(nested(kMaxJsonDepth)));
  EXPECT_FALSE(check_json_text(nested(kMaxJsonDepth + 1)));
  EXPECT_TRUE(check_json_text("\"" + nested(1000) + "\"")) << "brackets in a string do not nest";
  EXPECT_TRUE(check_json_text("\"\\\"" + nested(1000) + "\""));
}

TEST(JsonDepth, IsThatOfTextsThatBeginAsJson) {
  EXPECT_EQ(json_depth(R"( {"a":[{"b":"[[["}]})"), 3);
  EXPECT_EQ(json_depth("[[[["), 4);
  EXPECT_EQ(json_depth("see [[[["), 0);
  EXPECT_EQ(json_depth(""), 0);
}

TEST(FindJsonString, IsOfTheObjectItselfAndAsItStandsThere) {
  EXPECT_EQ(find_json_string(R"({"a":"b"})", "a"), "b");
  EXPECT_EQ(find_json_string(R"( { "x" : {"a":"no"}, "a" : "\"\\" , "b":"a"} )", "a"), R"(\"\\)");
  EXPECT_EQ(find_json_string(R"({"a":""})", "a"), "");
  EXPECT_EQ(find_json_string(R"({"a":"b","a":"c","a":1})", "a"), "c");
  for (const char* text : {"", "{", R"("a")", R"(["a","b"])", R"({"b":"a"})", R"({"a":1,"b":"c"})", R"({"a":"b)",
                           R"({"a":"b\")", R"({"a":["b"]})", R"(}{"a":"b"})"}) {
    EXPECT_EQ(find_json_string(text, "a"), std::nullopt) << text;
  }
}

TEST(CountCharacters, CountsCharactersNotBytes) { EXPECT_EQ(count_characters("z\u00e9\u20ac\U0001F600"), 4U); }

TEST(IsBlank, KnowsBlanksThatNobodySees) {
  for (const char* blank : {"", " ", "\t\r\n ", "\u00a0\u2003\u3000", "\u200b\ufeff", "\x01"})
    EXPECT_TRUE(is_blank(blank)) << blank;
  for (const char* text : {"a", " . ", "\u4e2d", "\U0001F600"}) EXPECT_FALSE(is_blank(text)) << text;
}

TEST(JsonText, ManyValuesAreRefusedBeforeTheyTakeMemory) {
  std::string most = "[0";
  for (std::size_t i = 3; i < kMaxJsonValues; ++i) most += ",0";
  EXPECT_TRUE(check_json_text(most + "]"));
  EXPECT_FALSE(check_json_text(most + ",0,0]"));
  EXPECT_TRUE(check_json_text("\"" + std::string(kMaxJsonValues * 2, ',') + "\"")) << "commas of a text are no values";
}

}  // namespace
}  // namespace hearth::wire
