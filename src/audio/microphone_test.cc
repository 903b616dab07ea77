#include "audio/microphone.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cmath>
#include <utility>
#include <vector>

namespace hearth::audio {
namespace {

using base::Code;
using base::Millis;
using base::SampleRate;

/// What the fake sound card does; its calls are plain C functions, so it is found through a pointer that each test
/// sets.
struct Card {
  int open_error = 0, params_error = 0, start_error = 0, recover_error = 0;
  int stream = -1;
  std::vector<int> wait_answers;   // before there is always something
  std::vector<long> read_answers;  // before it fills what it is given
  int device = 0;                  // its address is the handle
  int next = 0;                    // the next sample is this number
  int started = 0, recovered = 0, dropped = 0, closed = 0;
};
Card* card = nullptr;

template <typename T>
T next_of(std::vector<T>& answers, T otherwise) {
  if (answers.empty()) return otherwise;
  const T answer = answers.front();
  answers.erase(answers.begin());
  return answer;
}

AlsaLibrary fake_alsa() {
  AlsaLibrary alsa;
  alsa.open = [](void** pcm, const char*, int stream, int) {
    *pcm = &card->device;
    card->stream = stream;
    return card->open_error;
  };
  alsa.set_params = [](void*, int, int, unsigned, unsigned, int, unsigned) { return card->params_error; };
  alsa.start = [](void*) { return ++card->started, card->start_error; };
  alsa.wait = [](void*, int) { return next_of(card->wait_answers, 1); };
  alsa.read = [](void*, void* buffer, unsigned long frames) -> long {
    const long answer = next_of(card->read_answers, static_cast<long>(frames));
    for (long i = 0; i < answer; ++i) static_cast<std::int16_t*>(buffer)[i] = static_cast<std::int16_t>(card->next++);
    return answer;
  };
  alsa.recover = [](void*, int, int) { return ++card->recovered, card->recover_error; };
  alsa.drop = [](void*) { return ++card->dropped, 0; };
  alsa.close = [](void*) { return ++card->closed, 0; };
  alsa.error_text = [](int) { return "broken"; };
  return alsa;
}

class MicrophoneTest : public testing::Test {
 protected:
  MicrophoneTest() { card = &card_; }
  ~MicrophoneTest() override { card = nullptr; }
  auto open() { return Microphone::open(fake_alsa(), SampleRate{16'000}); }
  Card card_;
};

TEST_F(MicrophoneTest, GivesEverySampleInOrderThroughShortReads) {
  card_.read_answers = {7, 100};
  auto microphone = open().value();
  EXPECT_EQ(card_.stream, kAlsaCapture);
  EXPECT_EQ(card_.started, 1);
  std::vector<float> heard;
  for (int i = 0; i < 3; ++i) {
    const auto block = microphone->read();
    ASSERT_TRUE(block.has_value());
    heard.insert(heard.end(), block->begin(), block->end());
  }
  ASSERT_EQ(heard.size(), 1'707U) << "100 ms at most at a time";
  for (std::size_t i = 0; i < heard.size(); ++i) ASSERT_EQ(heard[i], static_cast<float>(i) / 32768.0F);
}

TEST_F(MicrophoneTest, AnOverrunCostsAGapOnly) {
  card_.wait_answers = {-EPIPE};
  card_.read_answers = {-EPIPE};
  auto microphone = open().value();
  EXPECT_EQ(microphone->read().value().size(), 1'600U);
  EXPECT_EQ(card_.recovered, 2);
  EXPECT_EQ(card_.started, 3) << "a recovered device has to be started again";
}

TEST_F(MicrophoneTest, ASignalInterruptsWithoutAnError) {
  card_.wait_answers = {-EINTR};
  auto microphone = open().value();
  EXPECT_TRUE(microphone->read().value().empty());
  card_.read_answers = {-EINTR};
  EXPECT_TRUE(microphone->read().value().empty());
}

TEST_F(MicrophoneTest, ADeviceThatIsGoneOrMuteIsAnError) {
  auto microphone = open().value();
  card_.read_answers = std::vector<long>(10, -ENODEV);
  EXPECT_EQ(microphone->read().error().code, Code::kIo);
  card_.read_answers = {-ENODEV};
  card_.recover_error = -ENODEV;
  EXPECT_EQ(microphone->read().error().code, Code::kIo);
  card_.wait_answers = {0};
  EXPECT_EQ(microphone->read().error().code, Code::kIo);
}

TEST_F(MicrophoneTest, WithoutADeviceTheErrorNamesTheWayOut) {
  card_.open_error = -ENOENT;
  const auto microphone = open();
  ASSERT_FALSE(microphone.has_value());
  EXPECT_EQ(microphone.error().code, Code::kUnavailable);
  EXPECT_NE(microphone.error().remedy.find("FILE"), std::string::npos);
  EXPECT_EQ(card_.closed, 0);
}

TEST_F(MicrophoneTest, WhatIsOpenIsClosedAgain) {
  card_.params_error = -EINVAL;
  EXPECT_EQ(open().error().code, Code::kUnavailable);
  EXPECT_EQ(card_.closed, 1);
  card_.params_error = 0;
  card_.start_error = -EIO;
  EXPECT_EQ(open().error().code, Code::kUnavailable);
  EXPECT_EQ(card_.closed, 2);
  card_.start_error = 0;
  open().value().reset();
  EXPECT_EQ(card_.closed, 3);
}

constexpr SampleRate kRate{16'000};

std::vector<float> sound(int millis, double loudness) {
  std::vector<float> samples(static_cast<std::size_t>(millis) * 16);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<float>(loudness * std::sin(0.1 * static_cast<double>(i)));
  }
  return samples;
}

TEST(SpokenWatch, EndsWhenSomebodyHasSpokenAndThenStopped) {
  SpokenWatch watch(kRate, Millis{1'000});
  EXPECT_FALSE(watch.has_ended(sound(5'000, 0.0005))) << "nobody has spoken yet";
  EXPECT_FALSE(watch.has_ended(sound(800, 0.1)));
  EXPECT_FALSE(watch.has_ended(sound(900, 0.0005))) << "a pause between words";
  EXPECT_FALSE(watch.has_ended(sound(500, 0.05)));
  EXPECT_FALSE(watch.has_ended(sound(999, 0.0005)));
  EXPECT_TRUE(watch.has_ended(sound(1, 0.0005)));
}

TEST(SpokenWatch, AClickIsNoWordAndANoisyRoomIsStill) {
  SpokenWatch watch(kRate, Millis{500});
  EXPECT_FALSE(watch.has_ended(sound(1'000, 0.02)));
  EXPECT_FALSE(watch.has_ended(sound(50, 0.5)));
  EXPECT_FALSE(watch.has_ended(sound(5'000, 0.02)));
}

TEST(SpokenWatch, WhoSpeaksFromTheFirstMomentIsHeardToo) {
  SpokenWatch watch(kRate, Millis{500});
  EXPECT_FALSE(watch.has_ended(sound(1'000, 0.1)));
  EXPECT_TRUE(watch.has_ended(sound(600, 0.0)));
}

}  // namespace
}  // namespace hearth::audio
