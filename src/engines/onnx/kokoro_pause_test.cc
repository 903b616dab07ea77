#include "engines/onnx/kokoro_pause.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace hearth::engines::onnx {
namespace {

constexpr std::size_t kMillisecond = 24;
constexpr float kLoud = 0.3F;

/// 200 ms that are heard, between two silences as a voice makes them: not quite zero.
std::vector<float> spoken(std::size_t silence_before, std::size_t silence_after) {
  std::vector<float> sound(silence_before, 2e-4F);
  sound.insert(sound.end(), 200 * kMillisecond, kLoud);
  sound.insert(sound.end(), silence_after, -2e-4F);
  return sound;
}

/// What a listener gets.
struct Heard {
  std::vector<float> samples;
  void zeros(std::size_t count) { samples.insert(samples.end(), count, 0.0F); }
  void sound(std::span<const float> played) { samples.insert(samples.end(), played.begin(), played.end()); }
  /// Between the first and the last sample that is heard.
  [[nodiscard]] std::size_t silence_inside() const {
    std::size_t count = 0;
    for (const float sample : samples) count += sample == kLoud ? 0 : 1;
    return count - silent_head(samples) - silent_tail(samples);
  }
};

Heard say_two(const std::vector<float>& first, std::size_t pause, const std::vector<float>& second,
              std::size_t most_head) {
  PauseKeeper pauses(most_head);
  Heard heard;
  heard.sound(pauses.end(pauses.begin(first).sound, pause));
  heard.zeros(pauses.ask(pause));
  const PauseKeeper::Onset onset = pauses.begin(second);
  heard.zeros(onset.zeros);
  heard.sound(onset.sound);
  heard.zeros(pauses.finish());
  return heard;
}

TEST(PauseKeeper, APauseLastsWhatWasAskedHoweverLongTheVoiceIsSilentOfItself) {
  for (const std::size_t pause : {1U, 20U, 100U, 300U, 1000U, 30'000U}) {
    for (const std::size_t own : {0U, 1U, 30U, 99U, 300U, 700U}) {
      for (const std::size_t most_head : {0U, 75U, 500U}) {
        const auto first = spoken(10 * kMillisecond, own * kMillisecond);
        const auto second = spoken((own / 2) * kMillisecond, 10 * kMillisecond);
        const Heard heard = say_two(first, pause * kMillisecond, second, most_head * kMillisecond);
        EXPECT_EQ(heard.silence_inside(), pause * kMillisecond) << pause << " ms, " << own << " ms of its own";
      }
    }
  }
}

TEST(PauseKeeper, NothingThatIsHeardIsLeftOut) {
  std::vector<float> first = spoken(0, 0), second = spoken(0, 0);
  first.insert(first.end(), 300 * kMillisecond, 2e-3F);  // a decay, soft but no silence
  second.insert(second.begin(), 300 * kMillisecond, 2e-3F);
  const Heard heard = say_two(first, 50 * kMillisecond, second, 75 * kMillisecond);
  EXPECT_EQ(heard.samples.size(), first.size() + 50 * kMillisecond + second.size());
}

TEST(PauseKeeper, WithoutAPauseEverySampleIsPlayed) {
  PauseKeeper pauses(75 * kMillisecond);
  const auto sound = spoken(500 * kMillisecond, 700 * kMillisecond);
  EXPECT_EQ(pauses.ask(0), 0U);
  const PauseKeeper::Onset onset = pauses.begin(sound);
  EXPECT_EQ(onset.zeros, 0U);
  EXPECT_EQ(pauses.end(onset.sound, 0).size(), sound.size());
  EXPECT_EQ(pauses.finish(), 0U);
}

TEST(PauseKeeper, ALongPauseDoesNotWaitForTheSoundBehindIt) {
  PauseKeeper pauses(75 * kMillisecond);
  EXPECT_EQ(pauses.ask(10'000 * kMillisecond), (10'000 - 75) * kMillisecond);
}

TEST(PauseKeeper, PausesBeforeTheFirstWordAndBehindTheLastLastWhatWasAsked) {
  PauseKeeper pauses(75 * kMillisecond);
  Heard heard;
  heard.zeros(pauses.ask(1000 * kMillisecond));
  const auto sound = spoken(40 * kMillisecond, 500 * kMillisecond);
  const PauseKeeper::Onset onset = pauses.begin(sound);
  heard.zeros(onset.zeros);
  heard.sound(pauses.end(onset.sound, 200 * kMillisecond));
  heard.zeros(pauses.ask(200 * kMillisecond));
  heard.zeros(pauses.finish());
  EXPECT_EQ(silent_head(heard.samples), 1000 * kMillisecond);
  EXPECT_EQ(silent_tail(heard.samples), 200 * kMillisecond);
}

TEST(PauseKeeper, PausesAroundASegmentWithoutSoundAddUp) {
  PauseKeeper pauses(0);
  EXPECT_EQ(pauses.ask(300) + pauses.ask(200), 500U);
  PauseKeeper patient(10'000);
  EXPECT_EQ(patient.ask(300) + patient.ask(200), 0U);
  EXPECT_EQ(patient.begin(spoken(100, 0)).zeros, 400U);
}

TEST(Silence, IsMeasuredFromEitherEnd) {
  EXPECT_EQ(silent_head({}), 0U);
  EXPECT_EQ(silent_tail({}), 0U);
  const std::vector<float> silence(7, 5e-4F);
  EXPECT_EQ(silent_head(silence), 7U);
  EXPECT_EQ(silent_tail(silence), 7U);
  const float odd[] = {0, std::numeric_limits<float>::quiet_NaN(), 0, 0};
  EXPECT_EQ(silent_head(odd), 1U);
  EXPECT_EQ(silent_tail(odd), 2U);
}

}  // namespace
}  // namespace hearth::engines::onnx
