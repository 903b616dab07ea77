#include "config/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace hearth::config {
namespace {

constexpr std::array<std::string_view, 4> kWords{"port", "host", "insecure", "max_body"};

TEST(Suggest, ASwappedMissingOrWrongLetterIsMeant) {
  EXPECT_EQ(nearest("prot", kWords), "port");
  EXPECT_EQ(nearest("PORT", kWords), "port");
  EXPECT_EQ(nearest("maxbody", kWords), "max_body");
  EXPECT_EQ(nearest("insecrue", kWords), "insecure");
}

TEST(Suggest, AnotherWordIsNotMeant) {
  EXPECT_EQ(nearest("temperature", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest(std::string(100000, 'a'), kWords), "");
  EXPECT_EQ(did_you_mean("temperature", kWords), "");
}

}  // namespace
}  // namespace hearth::config
