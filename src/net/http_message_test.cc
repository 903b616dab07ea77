#include "net/http_message.h"

#include <gtest/gtest.h>

namespace hearth::net {
namespace {

TEST(Headers, NamesCompareWithoutCaseAndKeepTheirOrder) {
  Headers headers{{"Host", "a"}, {"X-Thing", "1"}, {"x-thing", "2"}};
  ASSERT_NE(headers.find("host"), nullptr);
  EXPECT_EQ(*headers.find("X-THING"), "1");
  EXPECT_EQ(headers.count("x-thing"), 2U);
  headers.set("X-tHING", "3");
  EXPECT_EQ(headers.count("x-thing"), 1U);
  EXPECT_EQ(*headers.find("x-thing"), "3");
  EXPECT_EQ(headers.find("absent"), nullptr);
}

TEST(PercentDecode, RefusesHalfEscapesAndNul) {
  EXPECT_EQ(percent_decode("a%20b%2Fc"), "a b/c");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b", PlusSign::kBlank), "a b");
  for (const char* bad : {"%", "%4", "a%zz", "%0", "%00", "x%-1"}) EXPECT_FALSE(percent_decode(bad)) << bad;
}

TEST(FindQuery, TakesTheFirstOfAName) {
  EXPECT_EQ(find_query("a=1&b=2&a=3", "a"), "1");
  EXPECT_EQ(find_query("format=te%78t", "format"), "text");
  EXPECT_EQ(find_query("flag", "flag"), "");
  EXPECT_EQ(find_query("flag=", "flag"), "");
  EXPECT_EQ(find_query("a=b=c", "a"), "b=c");
  EXPECT_FALSE(find_query("", "a"));
  EXPECT_FALSE(find_query("&&&=&", "a"));
  EXPECT_FALSE(find_query("a=%zz", "a"));
}

TEST(SetTarget, SplitsWhatClientsSend) {
  HttpRequest request;
  ASSERT_TRUE(set_target(request, "/v1/models?x=1?2"));
  EXPECT_EQ(request.path, "/v1/models");
  EXPECT_EQ(request.query, "x=1?2");
  ASSERT_TRUE(set_target(request, "http://host:80/livez"));
  EXPECT_EQ(request.path, "/livez");
  EXPECT_EQ(request.query, "");
  ASSERT_TRUE(set_target(request, "http://host"));
  EXPECT_EQ(request.path, "/");
  ASSERT_TRUE(set_target(request, "*"));
  EXPECT_EQ(request.path, "*");
}

TEST(SetTarget, RefusesOtherForms) {
  HttpRequest request;
  for (const char* bad : {"", "livez", "host:80", "ftp://x/", "/a b", "/a\nb", "/a%2", "/%00", "https//x"}) {
    EXPECT_FALSE(set_target(request, bad)) << bad;
  }
}

}  // namespace
}  // namespace hearth::net
