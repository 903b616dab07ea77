#include "base/base64.h"

#include <gtest/gtest.h>

namespace hearth::base {
namespace {

TEST(Base64, IsRfc4648s) {
  EXPECT_EQ(encode_base64(""), "");
  EXPECT_EQ(encode_base64("f"), "Zg==");
  EXPECT_EQ(encode_base64("fo"), "Zm8=");
  EXPECT_EQ(encode_base64("foo"), "Zm9v");
  EXPECT_EQ(encode_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encode_base64("\xff\xfe\xfd"), "//79");
}

TEST(Base64, GivesBackTheBytes) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("TQ=="), "M");
  EXPECT_EQ(decode_base64("TWE="), "Ma");
  EXPECT_EQ(decode_base64("TWFu"), "Man");
  EXPECT_EQ(decode_base64("TWE"), "Ma");
  EXPECT_EQ(decode_base64("+/8="), std::string("\xfb\xff"));
}

TEST(Base64, TakesThePlaceOfItsText) {
  std::string text = "Zm9vYmE=";
  EXPECT_EQ(decode_base64_in_place(text), 5U);
  EXPECT_EQ(text.substr(0, 5), "fooba");
  EXPECT_EQ(decode_base64_in_place({}), 0U);
  text = "Zm9v*mE=";
  EXPECT_EQ(decode_base64_in_place(text), std::nullopt);
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"A", "TQ=", "T=Q=", "====", "TW E=", "TWFu\n", "TWFu-"}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

}  // namespace
}  // namespace hearth::base
