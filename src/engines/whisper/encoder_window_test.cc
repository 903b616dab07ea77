#include "engines/whisper/encoder_window.h"

#include <gtest/gtest.h>

namespace hearth::engines::whisper {
namespace {

int window_for(std::size_t samples, Prompted prompted = Prompted::kNo) {
  const Piece only{100, 100 + samples};
  return encoder_window(std::span(&only, 1), prompted);
}

TEST(EncoderWindow, HoldsTheSoundAndSomeSilenceAfterIt) {
  for (std::size_t seconds = 0; seconds <= 28; ++seconds) {
    const int window = window_for(seconds * kSamplesPerSecond);
    EXPECT_GE(window, static_cast<int>(seconds * 50 + 64)) << seconds;
    EXPECT_LE(window, kAudioContext);
  }
}

TEST(EncoderWindow, IsNoLargerThanItNeedsToBe) {
  EXPECT_EQ(window_for(11 * kSamplesPerSecond), 640);
  EXPECT_EQ(window_for(0), 256);
  EXPECT_EQ(window_for(1), 256);
}

TEST(EncoderWindow, LeavesMoreSilenceAfterAPrompt) {
  EXPECT_EQ(window_for(1, Prompted::kYes), 512);
  EXPECT_EQ(window_for(11 * kSamplesPerSecond, Prompted::kYes), 832);
  EXPECT_EQ(window_for(28 * kSamplesPerSecond, Prompted::kYes), kAudioContext);
}

TEST(EncoderWindow, IsWholeForWhatIsLong) {
  EXPECT_EQ(window_for(28 * kSamplesPerSecond + 1), kAudioContext);
  EXPECT_EQ(window_for(3600 * kSamplesPerSecond), kAudioContext);
}

TEST(EncoderWindow, IsWholeForEachOfSeveralPiecesHoweverShort) {
  const Piece pieces[] = {{0, kSamplesPerSecond}, {kLongestPiece, kLongestPiece + kSamplesPerSecond}};
  EXPECT_EQ(encoder_window(pieces), kAudioContext);
  EXPECT_EQ(encoder_window(pieces, Prompted::kYes), kAudioContext);
}

}  // namespace
}  // namespace hearth::engines::whisper
