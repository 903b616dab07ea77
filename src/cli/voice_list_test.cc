#include "cli/voice_list.h"

#include <gtest/gtest.h>

namespace hearth::cli {
namespace {

TEST(VoiceList, EachVoiceIsReadWithItsLanguage) {
  const auto voices = parse_voices(
      R"({"voices":["af_heart","bf_emma"],"data":[{"id":"af_heart","language":"en-us"},{"id":"bf_emma","language":"en-gb"}]})");
  ASSERT_TRUE(voices);
  ASSERT_EQ(voices->size(), 2U);
  EXPECT_EQ((*voices)[1].name, "bf_emma");
  EXPECT_EQ((*voices)[1].language, "en-gb");
}

TEST(VoiceList, ADamagedDocumentIsAnError) {
  for (const char* text : {"", "[]", "{", R"({"data":3})", R"({"data":[{"id":7}]})", R"({"data":[{"id":"a"}]})"}) {
    EXPECT_FALSE(parse_voices(text)) << text;
  }
}

}  // namespace
}  // namespace hearth::cli
