#include "wire/sse.h"

#include <gtest/gtest.h>

namespace hearth::wire {
namespace {

TEST(Sse, SpeechEventsAreOpenAis) {
  EXPECT_EQ(speech_delta_event("foo"), "data: {\"type\":\"speech.audio.delta\",\"audio\":\"Zm9v\"}\n\n");
  EXPECT_EQ(
      speech_done_event({.input_tokens = 3, .output_tokens = 4}),
      "data: "
      "{\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4,\"total_tokens\":7}}\n\n");
}

}  // namespace
}  // namespace hearth::wire
