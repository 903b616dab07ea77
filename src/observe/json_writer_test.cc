#include "observe/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace hearth::observe {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, PutsCommasBetweenMembersAndElementsOnly) {
  JsonWriter json;
  json.begin_object().member("name", "kokoro").key("list").begin_array().value(1).value(2).begin_object().end_object();
  json.end_array().key("none").begin_array().end_array().member("yes", true).key("nothing").null().end_object();
  EXPECT_EQ(json.take(), R"({"name":"kokoro","list":[1,2,{}],"none":[],"yes":true,"nothing":null})");
}

TEST(JsonWriter, EscapesWhatJsonForbids) {
  EXPECT_EQ(quoted("a\"b\\c\nd\te\x01"
                   "f"),
            R"("a\"b\\c\nd\te\u0001f")");
  EXPECT_EQ(quoted(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(JsonWriter, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(quoted("fəˈnɛtɪk 😀"), "\"fəˈnɛtɪk 😀\"");
  EXPECT_EQ(quoted("a\xff"
                   "b\xe2\x82"),
            "\"a\xef\xbf\xbd"
            "b\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(quoted("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"") << "a lone surrogate";
  EXPECT_EQ(quoted("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"") << "a long form of /";
  EXPECT_EQ(to_valid_utf8("a\xff\xc3\xa9"), "a\xef\xbf\xbd\xc3\xa9");
}

TEST(JsonWriter, WritesNumbersThatReadBackAndNoInfinities) {
  JsonWriter json;
  json.begin_array().value(0.1).value(std::numeric_limits<std::int64_t>::min()).fixed(1.0 / 3, 3);
  json.value(std::numeric_limits<double>::infinity()).fixed(std::numeric_limits<double>::quiet_NaN(), 1).end_array();
  EXPECT_EQ(json.take(), "[0.1,-9223372036854775808,0.333,null,null]");
}

}  // namespace
}  // namespace hearth::observe
