#include "net/resolve.h"

#include <gtest/gtest.h>

namespace hearth::net {
namespace {

constexpr base::Millis kNoTime{0};

TEST(Resolve, AnAddressAndLocalhostAskNobody) {
  using Addresses = std::vector<std::string>;
  EXPECT_EQ(resolve("127.0.0.1", kNoTime).value(), Addresses{"127.0.0.1"});
  EXPECT_EQ(resolve("0.0.0.0", kNoTime).value(), Addresses{"0.0.0.0"});
  EXPECT_EQ(resolve("::1", kNoTime).value(), Addresses{"::1"});
  EXPECT_EQ(resolve("[::1]", kNoTime).value(), Addresses{"::1"});
  EXPECT_EQ(resolve("localhost", kNoTime).value(), Addresses{"127.0.0.1"});
  EXPECT_EQ(resolve("LocalHost", kNoTime).value(), Addresses{"127.0.0.1"});
}

TEST(Resolve, WhatCannotBeAHostIsNotLookedUp) {
  for (const char* host : {"", "[]", "[::1", "1::2::3", "two words", "http://127.0.0.1", "127.0.0.1:8000"}) {
    const auto found = resolve(host, kNoTime);
    ASSERT_FALSE(found) << host;
    EXPECT_EQ(found.error().code, base::Code::kNotFound);
    EXPECT_NE(found.error().message.find("neither an address nor a name"), std::string::npos) << host;
  }
}

TEST(Resolve, ANameThatNobodyAnswersForIsGivenUp) {
  EXPECT_EQ(resolve("nobody.invalid", kNoTime).error().code, base::Code::kNotFound);
}

TEST(Resolve, EveryAddressIsReachedByLoopback) {
  EXPECT_EQ(reachable_host("0.0.0.0"), "127.0.0.1");
  EXPECT_EQ(reachable_host("::"), "::1");
  EXPECT_EQ(reachable_host("[::]"), "::1");
  EXPECT_EQ(reachable_host("[::1]"), "::1");
  EXPECT_EQ(reachable_host("10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(reachable_host("desk.example"), "desk.example");
}

TEST(Resolve, OnlyAnIpv6AddressGetsBrackets) {
  EXPECT_EQ(authority("::1", 8000), "[::1]:8000");
  EXPECT_EQ(authority("[::1]", 8000), "[::1]:8000");
  EXPECT_EQ(authority("127.0.0.1", 1), "127.0.0.1:1");
  EXPECT_EQ(authority("localhost", 80), "localhost:80");
}

}  // namespace
}  // namespace hearth::net
