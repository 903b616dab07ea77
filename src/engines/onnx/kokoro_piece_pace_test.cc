#include "engines/onnx/kokoro_piece_pace.h"

#include <gtest/gtest.h>

namespace hearth::engines::onnx {
namespace {

using base::Instant;
using base::Millis;

constexpr Piece kPiece{0, 40, 0, 50};  // 1 s of sound
constexpr std::ptrdiff_t kSecond = 24'000;

TEST(PiecePace, NothingIsBufferedBeforeTheFirstSound) {
  EXPECT_EQ(PiecePace(0.4).buffered(Instant{} + Millis{5000}), 0);
}

TEST(PiecePace, WhatIsMadeIsBufferedUntilItIsPlayed) {
  PiecePace pace(0.4);
  pace.on_piece(kPiece, kSecond, Instant{}, Instant{} + Millis{300});
  EXPECT_NEAR(pace.buffered(Instant{} + Millis{300}), 40, 1e-6);
  EXPECT_NEAR(pace.buffered(Instant{} + Millis{800}), 20, 1e-6);
  EXPECT_EQ(pace.buffered(Instant{} + Millis{9000}), 0);
}

TEST(PiecePace, SilenceCountsAsSoundButNotAsWork) {
  PiecePace pace(0.4);
  pace.on_samples(kSecond / 2, Instant{});
  EXPECT_NEAR(pace.buffered(Instant{}), 20, 1e-6);
  EXPECT_EQ(pace.realtime(), 0.4);
}

TEST(PiecePace, AGapIsNotOwedToTheListener) {
  PiecePace pace(0.4);
  pace.on_piece(kPiece, kSecond, Instant{}, Instant{} + Millis{100});
  pace.on_piece(kPiece, kSecond, Instant{} + Millis{5000}, Instant{} + Millis{5200});
  EXPECT_NEAR(pace.buffered(Instant{} + Millis{5200}), 40, 1e-6);
}

TEST(PiecePace, ASlowPieceIsBelievedAtOnceAndAFastOneByHalf) {
  PiecePace pace(0.4);
  pace.on_piece(kPiece, kSecond, Instant{}, Instant{} + Millis{1000});  // 50 frames of 25 ms in 1 s
  EXPECT_NEAR(pace.realtime(), 0.8, 1e-6);
  pace.on_piece(kPiece, kSecond, Instant{}, Instant{} + Millis{250});
  EXPECT_NEAR(pace.realtime(), 0.5, 1e-6);
}

}  // namespace
}  // namespace hearth::engines::onnx
