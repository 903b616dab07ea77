#include "net/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "testing/temp_dir.h"

namespace hearth::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr base::Millis kNoTime{0};
constexpr base::Millis kShortly{50};
constexpr base::Millis kPatiently{60'000};  // what ends by itself ends long before

/// Stands for getent: a shell script.
class Asked {
 public:
  explicit Asked(const std::string& script) : program_((dir_ / "asked").string()) {
    EXPECT_TRUE(base::write_file_atomically(program_, "#!/bin/sh\n" + script + "\n"));
    std::filesystem::permissions(program_, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] const std::string& program() const { return program_; }

 private:
  testing::TempDir dir_;
  std::string program_;
};

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
  for (const char* host : {"", "[]", "[::1", "1::2::3", "two words", "http://127.0.0.1", "127.0.0.1:8000", "-s"}) {
    const auto found = resolve(host, kNoTime);
    ASSERT_FALSE(found) << host;
    EXPECT_EQ(found.error().code, base::Code::kNotFound);
    EXPECT_NE(found.error().message.find("neither an address nor a name"), std::string::npos) << host;
  }
}

TEST(Resolve, ANameThatNobodyAnswersForIsGivenUp) {
  EXPECT_EQ(resolve("nobody.invalid", kNoTime).error().code, base::Code::kNotFound);
}

TEST(Resolve, ANameHasTheAddressesOfItsStreamsInTheirOrder) {
  const Asked asked(R"(test "$1 $2" = "ahosts desk.example" || exit 3
echo '2001:db8::7     STREAM desk.example'
echo '2001:db8::7     DGRAM  '
echo '2001:db8::7     RAW    '
echo '192.0.2.7       STREAM '
echo '192.0.2.7       STREAM '
echo '192.0.2.8       DGRAM  '
echo 'nonsense        STREAM '
echo 'STREAM'
echo ''
echo '192.0.2.9       STREAM')");
  const auto found = resolve("desk.example", kPatiently, asked.program());
  ASSERT_TRUE(found) << found.error().line();
  EXPECT_THAT(*found, ElementsAre("2001:db8::7", "192.0.2.7", "192.0.2.9"));
}

TEST(Resolve, ANameThatNobodyKnowsIsNotFound) {
  const Asked knows_nothing("exit 2");
  const auto found = resolve("desk.example", kPatiently, knows_nothing.program());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, base::Code::kNotFound);
  EXPECT_THAT(found.error().message, HasSubstr("the host desk.example is not known"));
  const Asked says_nothing("exit 0");
  EXPECT_EQ(resolve("desk.example", kPatiently, says_nothing.program()).error().code, base::Code::kNotFound);
  EXPECT_EQ(resolve("desk.example", kPatiently, "/nowhere/getent").error().code, base::Code::kNotFound);
}

TEST(Resolve, WhoIsAskedAndDoesNotAnswerInTimeIsEnded) {
  const Asked hangs("exec sleep 600");
  const auto found = resolve("desk.example", kShortly, hangs.program());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, base::Code::kNotFound);
  EXPECT_THAT(found.error().message, HasSubstr("nobody answered within 50 ms"));
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
