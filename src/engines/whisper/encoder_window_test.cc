#include "engines/whisper/encoder_window.h"

#include <gtest/gtest.h>

namespace hearth::engines::whisper {
namespace {

TEST(EncoderWindow, HoldsTheSoundAndSomeSilenceAfterIt) {
  for (std::size_t seconds = 0; seconds <= 28; ++seconds) {
    const int window = encoder_window(seconds * kSamplesPerSecond);
    EXPECT_GE(window, static_cast<int>(seconds * 50 + 64)) << seconds;
    EXPECT_LE(window, kAudioContext);
  }
}

TEST(EncoderWindow, IsNoLargerThanItNeedsToBe) {
  EXPECT_EQ(encoder_window(11 * kSamplesPerSecond), 640);
  EXPECT_EQ(encoder_window(0), 256);
  EXPECT_EQ(encoder_window(1), 256);
}

TEST(EncoderWindow, LeavesMoreSilenceAfterAPrompt) {
  EXPECT_EQ(encoder_window(1, Prompted::kYes), 512);
  EXPECT_EQ(encoder_window(11 * kSamplesPerSecond, Prompted::kYes), 832);
  EXPECT_EQ(encoder_window(28 * kSamplesPerSecond, Prompted::kYes), kAudioContext);
}

TEST(EncoderWindow, IsWholeForWhatIsLong) {
  EXPECT_EQ(encoder_window(28 * kSamplesPerSecond + 1), kAudioContext);
  EXPECT_EQ(encoder_window(3600 * kSamplesPerSecond), kAudioContext);
}

}  // namespace
}  // namespace hearth::engines::whisper
