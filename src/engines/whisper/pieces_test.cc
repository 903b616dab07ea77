#include "engines/whisper/pieces.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hearth::engines::whisper {
namespace {

/// Sound built of stretches of one loudness.
class Sound {
 public:
  Sound& add(double seconds, float loudness) {
    const auto count = static_cast<std::size_t>(seconds * static_cast<double>(kSamplesPerSecond));
    for (std::size_t i = 0; i < count; ++i) samples.push_back(i % 2 == 0 ? loudness : -loudness);
    return *this;
  }
  std::vector<float> samples;
};

double seconds(std::size_t samples) { return static_cast<double>(samples) / static_cast<double>(kSamplesPerSecond); }

TEST(Pieces, NothingAndSilenceHaveNone) {
  EXPECT_TRUE(cut_pieces({}).empty());
  EXPECT_TRUE(cut_pieces(Sound().add(60, 0).samples).empty());
  EXPECT_TRUE(cut_pieces(Sound().add(5, 0.0005F).samples).empty());  // the hiss of a converter
}

TEST(Pieces, WhatIsNotFiniteIsSilence) {
  std::vector<float> samples(kSamplesPerSecond, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(cut_pieces(samples).empty());
}

TEST(Pieces, ShortSoundIsOne) {
  const auto pieces = cut_pieces(Sound().add(29, 0.1F).samples);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(pieces[0], (Piece{0, 29 * kSamplesPerSecond}));
}

TEST(Pieces, SilenceAroundSoundIsLeftOutExceptForAMargin) {
  const auto pieces = cut_pieces(Sound().add(10, 0).add(2, 0.1F).add(10, 0).samples);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_NEAR(seconds(pieces[0].begin), 9.7, 0.02);
  EXPECT_NEAR(seconds(pieces[0].end), 12.3, 0.02);
}

TEST(Pieces, ALongSilenceIsInNoPiece) {
  const auto pieces = cut_pieces(Sound().add(20, 0.1F).add(60, 0).add(20, 0.1F).samples);
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_NEAR(seconds(pieces[0].end), 20.3, 0.02);
  EXPECT_NEAR(seconds(pieces[1].begin), 79.7, 0.02);
}

TEST(Pieces, LongSoundIsCutWhereItIsSoftest) {
  const auto pieces = cut_pieces(Sound().add(23, 0.1F).add(0.3, 0.01F).add(29, 0.1F).samples);
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_NEAR(seconds(pieces[0].end), 23.15, 0.1);
  EXPECT_EQ(pieces[0].end, pieces[1].begin);
}

TEST(Pieces, NoneIsTooLongAndNoneIsAMereWordAndNoSampleIsLost) {
  for (const double length : {30.01, 34.0, 59.9, 60.5, 61.0, 95.0, 301.0}) {
    const Sound sound = Sound().add(length, 0.1F);
    const auto pieces = cut_pieces(sound.samples);
    std::size_t at = 0;
    for (const Piece& piece : pieces) {
      EXPECT_EQ(piece.begin, at) << length;
      EXPECT_LE(piece.size(), kLongestPiece) << length;
      EXPECT_GE(seconds(piece.size()), 4.8) << length;
      at = piece.end;
    }
    EXPECT_EQ(at, sound.samples.size()) << length;
  }
}

TEST(FindUnheard, IsTheRestThatIsAsLoudAsWhatWasHeard) {
  const Sound sound = Sound().add(4, 0.1F).add(30, 0.08F);
  const Piece piece{kSamplesPerSecond, 25 * kSamplesPerSecond};
  EXPECT_EQ(find_unheard(sound.samples, piece, 6 * kSamplesPerSecond), (Piece{6 * kSamplesPerSecond, piece.end}));
}

TEST(FindUnheard, ThereIsNoneInAPauseOrAFaintRoomOrAMereEnd) {
  const Sound sound = Sound().add(4, 0.1F).add(10, 0.01F).add(1.5, 0.1F).add(4, 0);
  const Piece piece{0, sound.samples.size()};
  EXPECT_FALSE(find_unheard(sound.samples, piece, 4 * kSamplesPerSecond));
  EXPECT_FALSE(find_unheard(sound.samples, piece, piece.end));
  EXPECT_FALSE(find_unheard(sound.samples, piece, piece.end + 5));
}

TEST(FindUnheard, AskingAgainComesToAnEnd) {
  const Sound sound = Sound().add(20, 0.1F);
  const Piece piece{0, sound.samples.size()};
  EXPECT_FALSE(find_unheard(sound.samples, piece, 0));  // nothing was heard in it
  EXPECT_FALSE(find_unheard(sound.samples, piece, kSamplesPerSecond / 2));
  EXPECT_TRUE(find_unheard(sound.samples, piece, kSamplesPerSecond));
}

}  // namespace
}  // namespace hearth::engines::whisper
