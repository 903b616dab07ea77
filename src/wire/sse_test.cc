#include "wire/sse.h"

#include <gtest/gtest.h>

namespace hearth::wire {
namespace {

TEST(Base64, IsRfc4648s) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(Sse, SpeechEventsAreOpenAis) {
  EXPECT_EQ(speech_delta_event("foo"), "data: {\"type\":\"speech.audio.delta\",\"audio\":\"Zm9v\"}\n\n");
  EXPECT_EQ(
      speech_done_event({.input_tokens = 3, .output_tokens = 4}),
      "data: "
      "{\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4,\"total_tokens\":7}}\n\n");
}

}  // namespace
}  // namespace hearth::wire
