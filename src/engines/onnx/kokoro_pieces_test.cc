#include "engines/onnx/kokoro_pieces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace hearth::engines::onnx {
namespace {

constexpr float kSilent = -9.0F;
constexpr float kLoud = 6.0F;

/// An utterance of `frames` frames that is loud but for the silences around it.
std::vector<float> utterance(int frames, int silence_before = 10, int silence_after = 15) {
  std::vector<float> energy(static_cast<std::size_t>(frames * kEnergiesPerFrame), kLoud);
  std::fill_n(energy.begin(), silence_before * kEnergiesPerFrame, kSilent);
  std::fill_n(energy.rbegin(), silence_after * kEnergiesPerFrame, kSilent);
  return energy;
}

/// Makes frames [begin, end) as soft as `value`.
void soften(std::vector<float>& energy, int begin, int end, float value) {
  std::fill(energy.begin() + begin * kEnergiesPerFrame, energy.begin() + end * kEnergiesPerFrame, value);
}

std::vector<float> random_energy(std::mt19937& random, int frames) {
  std::uniform_real_distribution<float> change(-3.0F, 3.0F);
  std::vector<float> energy;
  float value = kSilent;
  for (int i = 0; i < frames * kEnergiesPerFrame; ++i) {
    value = std::clamp(value + change(random), -9.5F, 9.0F);
    energy.push_back(value);
  }
  return energy;
}

void expect_sound(const PiecePlan& plan, int frames) {
  int at = plan.silence_before;
  for (const Piece& piece : plan.pieces) {
    EXPECT_EQ(piece.begin, at);
    EXPECT_LT(piece.begin, piece.end);
    EXPECT_LE(0, piece.context_begin);
    EXPECT_LE(piece.context_begin, piece.begin);
    EXPECT_LE(piece.end, piece.context_end);
    EXPECT_LE(piece.context_end, frames);
    at = piece.end;
  }
  EXPECT_EQ(at + plan.silence_after, frames);
}

TEST(PlanPieces, EveryFrameBetweenTheSilencesIsKeptOnce) {
  std::mt19937 random(1);
  for (int frames = 0; frames < 1500; frames += 1 + frames / 9) {
    expect_sound(plan_pieces(random_energy(random, frames), PiecePolicy{}), frames);
    expect_sound(plan_pieces(random_energy(random, frames), PiecePolicy{}, 1000), frames);  // with much in hand
    expect_sound(plan_pieces(utterance(frames + 25), PiecePolicy{}), frames + 25);
  }
}

TEST(PlanPieces, TheFirstPieceIsShortHoweverLongTheUtterance) {
  const PiecePolicy policy;
  for (const int frames : {80, 200, 800, 1500}) {
    const Piece first = plan_pieces(utterance(frames), policy).pieces.front();
    EXPECT_GE(first.kept(), policy.first_min);
    EXPECT_LE(first.kept(), policy.first_max);
    EXPECT_LE(first.given(), policy.first_max + 2 * policy.context + policy.first_silence);
  }
}

TEST(PlanPieces, AShortUtteranceIsOnePiece) {
  EXPECT_EQ(plan_pieces(utterance(25 + 40), PiecePolicy{}).pieces.size(), 1U);
  EXPECT_GT(plan_pieces(utterance(25 + 70), PiecePolicy{}).pieces.size(), 1U);
}

TEST(PlanPieces, TheFirstPieceEndsInThePauseWithinItsReach) {
  std::vector<float> energy = utterance(300);
  soften(energy, 30, 33, kSilent);
  const Piece first = plan_pieces(energy, PiecePolicy{}).pieces.front();
  EXPECT_GE(first.end, 29);
  EXPECT_LE(first.end, 34);
}

TEST(PlanPieces, OfASoftAndASofterPlaceTheSofterIsCut) {
  std::vector<float> energy = utterance(300);
  soften(energy, 26, 28, 3.0F);
  soften(energy, 34, 36, -1.0F);
  const Piece first = plan_pieces(energy, PiecePolicy{}).pieces.front();
  EXPECT_GE(first.end, 33);
  EXPECT_LE(first.end, 37);
}

TEST(PlanPieces, AVoicedCutIsMadeOnlyWhereNoSoftPlaceIsWithinReach) {
  const PiecePolicy policy;
  std::vector<float> energy = utterance(900, 10, 15);
  // A stop's closure every 12 frames, as in speech: every cut must find one.
  for (int frame = 20; frame < 880; frame += 12) soften(energy, frame, frame + 1, -2.0F);
  const PiecePlan plan = plan_pieces(energy, policy);
  ASSERT_GT(plan.pieces.size(), 3U);
  for (std::size_t i = 0; i + 1 < plan.pieces.size(); ++i) {
    const int at = plan.pieces[i].end;
    EXPECT_TRUE((at - 20) % 12 <= 2 || (at - 20) % 12 == 11) << at;  // within the joiner's 25 ms of a closure
  }
}

TEST(PlanPieces, NoPieceStarvesTheListenerAtThePromisedSpeed) {
  const PiecePolicy policy;
  std::mt19937 random(2);
  for (int run = 0; run < 50; ++run) {
    const PiecePlan plan = plan_pieces(random_energy(random, 900), policy);
    double buffered = 0;
    for (std::size_t i = 0; i < plan.pieces.size(); ++i) {
      const Piece& piece = plan.pieces[i];
      // A piece of the least length may have to be late; none that was free to be shorter is.
      if (i > 0 && piece.kept() > 2 * policy.later_min) {
        EXPECT_GE(buffered, piece.given() * policy.realtime);
      }
      if (i > 0) buffered = std::max(0.0, buffered - piece.given() * policy.realtime);
      buffered += piece.kept();
    }
  }
}

TEST(PlanPieces, AListenerWithSoundInHandIsNotGivenAShortPiece) {
  const PiecePolicy policy;
  const Piece hurried = plan_pieces(utterance(400), policy, 0).pieces.front();
  const Piece relaxed = plan_pieces(utterance(400), policy, 100).pieces.front();
  EXPECT_LE(hurried.kept(), policy.first_max);
  EXPECT_GT(relaxed.kept(), 4 * policy.first_max);
  EXPECT_LE(relaxed.given() * policy.realtime, 100);
}

TEST(PlanPieces, PiecesAreFewAndTheirContextsCostLittle) {
  const PiecePlan plan = plan_pieces(utterance(800), PiecePolicy{});
  int given = 0;
  for (const Piece& piece : plan.pieces) given += piece.given();
  EXPECT_LE(plan.pieces.size(), 8U);
  EXPECT_LE(given, 800 * 115 / 100);
}

TEST(PlanPieces, AMachineSlowerThanSpeechIsSparedShortPieces) {
  PiecePolicy policy;
  policy.realtime = 1.5;
  const PiecePlan plan = plan_pieces(utterance(800), policy);
  EXPECT_LE(plan.pieces.front().kept(), policy.first_max);  // the first sound still comes early
  int given = 0;
  for (const Piece& piece : plan.pieces) given += piece.given();
  EXPECT_LE(given, 800 * 120 / 100);
}

TEST(PlanPieces, NoPieceIsLongerThanMemoryAllows) {
  const PiecePolicy policy;
  for (const double buffered : {0.0, 1e6}) {
    for (const Piece& piece : plan_pieces(utterance(3000), policy, buffered).pieces) {
      EXPECT_LE(piece.kept(), policy.later_max);
    }
  }
}

TEST(PlanPieces, SilenceAroundSpeechIsLeftOutButForABreath) {
  const PiecePolicy policy;
  const PiecePlan plan = plan_pieces(utterance(100, 12, 20), policy);
  EXPECT_EQ(plan.silence_before, 12 - policy.keep_before);
  EXPECT_EQ(plan.silence_after, 20 - policy.keep_after);
}

TEST(PlanPieces, SpeechFromTheFirstFrameToTheLastLosesNothing) {
  const PiecePlan plan = plan_pieces(utterance(100, 0, 0), PiecePolicy{});
  EXPECT_EQ(plan.silence_before, 0);
  EXPECT_EQ(plan.silence_after, 0);
  EXPECT_EQ(plan.pieces.front().context_begin, 0);
  EXPECT_EQ(plan.pieces.back().context_end, 100);
}

TEST(PlanPieces, SilenceAloneIsNoPieceAtAll) {
  const PiecePlan plan = plan_pieces(utterance(25, 25, 0), PiecePolicy{});
  EXPECT_TRUE(plan.pieces.empty());
  EXPECT_EQ(plan.silence_before + plan.silence_after, 25);
}

TEST(PlanPieces, NothingIsPlannedForNothing) {
  EXPECT_TRUE(plan_pieces({}, PiecePolicy{}).pieces.empty());
  const float half_a_frame[] = {kLoud};
  EXPECT_TRUE(plan_pieces(half_a_frame, PiecePolicy{}).pieces.empty());
}

TEST(PlanPieces, ValuesThatAreNoNumbersStillGiveAPlan) {
  std::vector<float> energy = utterance(400);
  for (std::size_t i = 50; i < energy.size(); i += 3) energy[i] = std::numeric_limits<float>::quiet_NaN();
  expect_sound(plan_pieces(energy, PiecePolicy{}), 400);
  std::fill(energy.begin(), energy.end(), std::numeric_limits<float>::quiet_NaN());
  expect_sound(plan_pieces(energy, PiecePolicy{}), 400);
  std::fill(energy.begin(), energy.end(), std::numeric_limits<float>::infinity());
  expect_sound(plan_pieces(energy, PiecePolicy{}), 400);
}

TEST(PlanPieces, LimitsThatContradictEachOtherStillGiveAPlan) {
  PiecePolicy policy;
  policy.first_min = 0;
  policy.first_max = -5;
  policy.whole_below = -1;
  policy.later_min = 0;
  policy.later_max = -3;
  policy.context = -2;
  policy.first_silence = -1;
  policy.search = -9;
  policy.realtime = 0;
  policy.keep_before = policy.keep_after = -4;
  expect_sound(plan_pieces(utterance(300), policy), 300);
  policy = {};
  policy.first_min = 500;
  policy.first_max = 20;
  policy.later_min = 400;
  expect_sound(plan_pieces(utterance(900), policy), 900);
}

}  // namespace
}  // namespace hearth::engines::onnx
