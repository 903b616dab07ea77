#include "engines/onnx/kokoro_join.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace hearth::engines::onnx {
namespace {

using base::Code;

std::vector<Piece> three_pieces() { return {Piece{5, 25, 0, 29}, Piece{25, 60, 21, 64}, Piece{60, 100, 56, 103}}; }

/// What a perfect vocoder gives for a piece: the same wave, whichever piece asks.
std::vector<float> wave(const Piece& piece, float level = 1.0F) {
  std::vector<float> sound;
  for (int i = piece.context_begin * kSamplesPerFrame; i < piece.context_end * kSamplesPerFrame; ++i) {
    sound.push_back(level * 0.3F * std::sin(static_cast<float>(i % 24000) * 2.0F * 3.14159265F * 150.0F / 24000.0F));
  }
  return sound;
}

std::vector<float> join(PieceJoiner& joiner, const std::vector<Piece>& pieces, const std::vector<float>& levels) {
  std::vector<float> all;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto out = joiner.add(wave(pieces[i], levels[i]));
    EXPECT_TRUE(out);
    all.insert(all.end(), out->begin(), out->end());
  }
  return all;
}

double level(std::span<const float> sound) {
  double sum = 0;
  for (const float sample : sound) sum += static_cast<double>(sample) * sample;
  return std::sqrt(sum / static_cast<double>(sound.size()));
}

TEST(PieceJoiner, GivesExactlyTheKeptFrames) {
  const auto pieces = three_pieces();
  PieceJoiner joiner(pieces, {});
  EXPECT_EQ(join(joiner, pieces, {1, 1, 1}).size(), static_cast<std::size_t>((100 - 5) * kSamplesPerFrame));
  EXPECT_FALSE(joiner.add(wave(pieces.back()))) << "every piece has been added";
}

TEST(PieceJoiner, PiecesThatAgreeAreJoinedWithoutATrace) {
  const auto pieces = three_pieces();
  const JoinPolicy policy;
  PieceJoiner joiner(pieces, policy);
  const std::vector<float> joined = join(joiner, pieces, {1, 1, 1});
  const std::vector<float> whole = wave(Piece{5, 100, 5, 100});
  ASSERT_EQ(joined.size(), whole.size());
  const auto edge = static_cast<std::size_t>(policy.edge_fade);
  for (std::size_t i = edge; i + edge < whole.size(); ++i) ASSERT_NEAR(joined[i], whole[i], 1e-5) << i;
}

TEST(PieceJoiner, ThePieceIsGivenOutAtOnceButForTheSearch) {
  const auto pieces = three_pieces();
  const JoinPolicy policy;
  PieceJoiner joiner(pieces, policy);
  const auto out = joiner.add(wave(pieces[0]));
  ASSERT_TRUE(out);
  EXPECT_GE(std::ssize(*out), 20 * kSamplesPerFrame - policy.search);
  EXPECT_LE(std::ssize(*out), 20 * kSamplesPerFrame + policy.search);
}

TEST(PieceJoiner, TheBorderMovesToTheSoftestPlaceNearby) {
  const auto pieces = three_pieces();
  PieceJoiner joiner(pieces, {});
  std::vector<float> sound = wave(pieces[0]);
  const int quiet = 25 * kSamplesPerFrame + 300;  // half a frame after the planned border
  for (int i = quiet; i < quiet + 200; ++i) sound[static_cast<std::size_t>(i)] = 0;
  const auto out = joiner.add(sound);
  ASSERT_TRUE(out);
  EXPECT_NEAR(static_cast<double>(out->size()), quiet - 5 * kSamplesPerFrame, 60);
}

TEST(PieceJoiner, ALouderPieceBeginsAtTheLevelOfTheOneBefore) {
  const auto pieces = three_pieces();
  PieceJoiner joiner(pieces, {});
  const std::vector<float> joined = join(joiner, pieces, {1.0F, 1.3F, 1.3F});
  const std::span<const float> sound(joined);
  const double before = level(sound.subspan(15 * kSamplesPerFrame, 4 * kSamplesPerFrame));
  EXPECT_NEAR(level(sound.subspan(21 * kSamplesPerFrame, kSamplesPerFrame)) / before, 1.0, 0.08);
  EXPECT_NEAR(level(sound.subspan(50 * kSamplesPerFrame, kSamplesPerFrame)) / before, 1.3, 0.02);
}

TEST(PieceJoiner, NoStepIsHeardWhereLevelsDiffer) {
  const auto pieces = three_pieces();
  PieceJoiner joiner(pieces, {});
  const std::vector<float> joined = join(joiner, pieces, {1.0F, 1.4F, 0.7F});
  for (std::size_t i = 1; i < joined.size(); ++i) ASSERT_LT(std::abs(joined[i] - joined[i - 1]), 0.025F) << i;
}

TEST(PieceJoiner, SilenceIsNotAmplified) {
  const auto pieces = three_pieces();
  PieceJoiner joiner(pieces, {});
  ASSERT_TRUE(joiner.add(wave(pieces[0])));
  const auto out = joiner.add(wave(pieces[1], 1e-5F));
  ASSERT_TRUE(out);
  EXPECT_LT(level(out->subspan(kSamplesPerFrame)), 1e-5);
}

TEST(PieceJoiner, StartsAndEndsAtZero) {
  const auto pieces = three_pieces();
  PieceJoiner joiner(pieces, {});
  const std::vector<float> joined = join(joiner, pieces, {1, 1, 1});
  EXPECT_NEAR(joined.front(), 0, 1e-4);
  EXPECT_NEAR(joined.back(), 0, 1e-4);
}

TEST(PieceJoiner, PiecesWithoutContextAreStillJoinedInFull) {
  const std::vector<Piece> pieces = {Piece{0, 3, 0, 3}, Piece{3, 4, 3, 4}, Piece{4, 9, 4, 9}};
  PieceJoiner joiner(pieces, {});
  EXPECT_EQ(join(joiner, pieces, {1, 1, 1}).size(), static_cast<std::size_t>(9 * kSamplesPerFrame));
}

TEST(PieceJoiner, ASearchWiderThanThePiecesLosesNoSample) {
  std::vector<Piece> pieces;
  for (int frame = 10; frame < 20; ++frame) pieces.push_back({frame, frame + 1, frame - 8, frame + 9});
  JoinPolicy policy;
  policy.search = 4000;
  PieceJoiner joiner(pieces, policy);
  EXPECT_EQ(join(joiner, pieces, std::vector<float>(10, 1.0F)).size(), static_cast<std::size_t>(10 * kSamplesPerFrame));
}

TEST(PieceJoiner, AOnePieceUtteranceIsItsOwnSound) {
  const std::vector<Piece> pieces = {Piece{4, 20, 0, 22}};
  PieceJoiner joiner(pieces, {});
  EXPECT_EQ(join(joiner, pieces, {1}).size(), static_cast<std::size_t>(16 * kSamplesPerFrame));
}

TEST(PieceJoiner, SoundOfAnotherLengthIsRefused) {
  PieceJoiner joiner(three_pieces(), {});
  EXPECT_EQ(joiner.add(std::vector<float>(17)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(joiner.add({}).error().code, Code::kInvalidArgument);
}

TEST(PieceJoiner, MorePiecesThanPlannedAreRefused) {
  PieceJoiner nothing({}, {});
  EXPECT_EQ(nothing.add({}).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace hearth::engines::onnx
