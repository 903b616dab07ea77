#include "base/web_address.h"

#include <gtest/gtest.h>

namespace hearth::base {
namespace {

TEST(WebAddress, IsReadIntoItsParts) {
  const WebAddress plain{WebScheme::kHttps, "images.example", 443, "/a/b.png?c=d"};
  EXPECT_EQ(parse_web_address("https://images.example/a/b.png?c=d"), plain);
  EXPECT_EQ(parse_web_address("HTTPS://IMAGES.Example:443/a/b.png?c=d#e"), plain);
  EXPECT_EQ(parse_web_address("http://127.0.0.1:8080"), (WebAddress{WebScheme::kHttp, "127.0.0.1", 8080, "/"}));
  EXPECT_EQ(parse_web_address("http://a?b@c")->text(), "http://a:80/?b@c");
  EXPECT_EQ(parse_web_address("https://[0:0::1]/x")->text(), "https://[::1]:443/x");
}

TEST(WebAddress, WhatOtherReadersMightTakeForAnotherHostIsRefused) {
  for (const char* text : {"https://good.example@evil.example/",
                           "https://user:word@good.example/",
                           "https://good.example\\@evil.example/",
                           "https://good.example\\.evil.example/",
                           "https:\\\\good.example/",
                           "https://good.example\t/",
                           "https://good\n.example/",
                           " https://good.example/",
                           "https://good.example /",
                           "https://good%2eexample/",
                           "https://%67ood.example/",
                           "https://good.example./",
                           "https://.good.example/",
                           "https://good..example/",
                           "https:///good.example/",
                           "https:good.example/",
                           "https:/good.example/",
                           "//good.example/",
                           "https://",
                           "https://:443/",
                           "https://good.example:/",
                           "https://good.example:0/",
                           "https://good.example:65536/",
                           "https://good.example:443:80/",
                           "https://good.example:+443/",
                           "https://good.example:4 43/",
                           "https://göod.example/",
                           "https://good。example/",
                           "https://-good.example/",
                           "https://[::1/",
                           "https://::1/",
                           "https://[::1]x/",
                           "https://[::1%lo]/",
                           "https://[good.example]/",
                           "ftp://good.example/",
                           "file:///etc/passwd",
                           "gopher://good.example/",
                           "data:image/png;base64,AAAA",
                           "",
                           "good.example"})
    EXPECT_FALSE(parse_web_address(text)) << text;
  EXPECT_FALSE(parse_web_address("https://good.example/" + std::string(10'000, 'a')));
  EXPECT_FALSE(parse_web_address(std::string_view("https://good.example\0/", 22)));
}

TEST(WebAddress, AnAddressHasOneSpelling) {
  for (const char* text :
       {"http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/",
        "http://127.0.0.01/", "http://256.0.0.1/", "http://1.2.3.4.5/", "http://a.0x1/"})
    EXPECT_FALSE(parse_web_address(text)) << text;
  EXPECT_TRUE(parse_web_address("http://127.0.0.1/"));
}

TEST(WebAddress, PlainHttpIsASafeSourceOnThisMachineOnly) {
  for (const char* text : {"https://a.example/x", "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/"})
    EXPECT_TRUE(is_safe_source(text)) << text;
  for (const char* text : {"http://a.example/x", "http://127.0.0.1:80@a.example/", "http://127.0.0.1.a.example/",
                           "file:///etc/passwd", "ftp://127.0.0.1/", ""})
    EXPECT_FALSE(is_safe_source(text)) << text;
}

TEST(WebHost, IsANameAndPerhapsAPort) {
  EXPECT_EQ(parse_web_host("Images.Example"), (WebHost{"images.example", std::nullopt}));
  EXPECT_EQ(parse_web_host("localhost:8080"), (WebHost{"localhost", 8080}));
  EXPECT_EQ(parse_web_host("[::1]:8080"), (WebHost{"::1", 8080}));
  for (const char* text :
       {"", "*", "*.example", "https://a.example", "a.example/", "a b", "a@b", "a:", "a:b", "a,b", "::1"})
    EXPECT_FALSE(parse_web_host(text)) << text;
}

TEST(WebHost, LoopbackIsKnownByItsOwnNamesOnly) {
  for (const char* name : {"localhost", "::1", "127.0.0.1", "127.8.8.8"}) EXPECT_TRUE(is_loopback_name(name)) << name;
  for (const char* name : {"127.0.0.1.example", "localhost.example", "10.0.0.1", "::2"})
    EXPECT_FALSE(is_loopback_name(name)) << name;
  EXPECT_TRUE(is_ip_address("10.0.0.1"));
  EXPECT_TRUE(is_ip_address("fe80::1"));
  EXPECT_FALSE(is_ip_address("localhost"));
}

}  // namespace
}  // namespace hearth::base
