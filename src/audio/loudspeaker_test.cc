#include "audio/loudspeaker.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

namespace hearth::audio {
namespace {

using base::Code;
using base::SampleRate;

/// What the fake sound card was told; its calls are plain C functions, so it is found through a pointer that each test
/// sets.
struct Card {
  int open_error = 0;
  int params_error = 0;
  std::vector<long> write_answers;  // before it starts to take everything
  int recover_error = 0;
  int device = 0;  // its address is the handle
  std::vector<std::int16_t> heard;
  int recovered = 0;
  int drained = 0;
  int dropped = 0;
  int closed = 0;
};
Card* card = nullptr;

AlsaLibrary fake_alsa() {
  AlsaLibrary alsa;
  alsa.open = [](void** pcm, const char*, int, int) {
    *pcm = &card->device;
    return card->open_error;
  };
  alsa.set_params = [](void*, int, int, unsigned, unsigned, int, unsigned) { return card->params_error; };
  alsa.write = [](void*, const void* buffer, unsigned long frames) -> long {
    if (!card->write_answers.empty()) {
      const long answer = card->write_answers.front();
      card->write_answers.erase(card->write_answers.begin());
      if (answer <= 0) return answer;
      frames = static_cast<unsigned long>(answer);
    }
    const auto* samples = static_cast<const std::int16_t*>(buffer);
    card->heard.insert(card->heard.end(), samples, samples + frames);
    return static_cast<long>(frames);
  };
  alsa.recover = [](void*, int, int) { return ++card->recovered, card->recover_error; };
  alsa.drain = [](void*) { return ++card->drained, 0; };
  alsa.drop = [](void*) { return ++card->dropped, 0; };
  alsa.close = [](void*) { return ++card->closed, 0; };
  alsa.error_text = [](int) { return "broken"; };
  return alsa;
}

class LoudspeakerTest : public testing::Test {
 protected:
  LoudspeakerTest() { card = &card_; }
  ~LoudspeakerTest() override { card = nullptr; }
  auto open() { return Loudspeaker::open(fake_alsa(), SampleRate{24'000}); }
  Card card_;
};

TEST_F(LoudspeakerTest, PlaysEverySampleInOrderThroughShortWrites) {
  card_.write_answers = {1, 7, 100};
  auto speaker = open().value();
  std::vector<float> sound(5'000);
  for (std::size_t i = 0; i < sound.size(); ++i) sound[i] = static_cast<float>(i) / 32767.0F;
  ASSERT_TRUE(speaker->play(sound).has_value());
  ASSERT_TRUE(speaker->drain().has_value());
  ASSERT_EQ(card_.heard.size(), sound.size());
  for (std::size_t i = 0; i < sound.size(); ++i) ASSERT_EQ(card_.heard[i], static_cast<int>(i));
  EXPECT_EQ(card_.drained, 1);
}

TEST_F(LoudspeakerTest, AnUnderrunCostsAGapButNoSample) {
  card_.write_answers = {-EPIPE, 10, -EPIPE};
  auto speaker = open().value();
  ASSERT_TRUE(speaker->play(std::vector<float>(2'000)).has_value());
  EXPECT_EQ(card_.heard.size(), 2'000u);
  EXPECT_EQ(card_.recovered, 2);
}

TEST_F(LoudspeakerTest, ADeviceThatIsGoneEndsTheCall) {
  card_.write_answers = std::vector<long>(10, -ENODEV);
  auto speaker = open().value();
  EXPECT_EQ(speaker->play(std::vector<float>(100)).error().code, Code::kIo);
  card_.write_answers = {-ENODEV};
  card_.recover_error = -ENODEV;
  EXPECT_EQ(speaker->play(std::vector<float>(100)).error().code, Code::kIo);
}

TEST_F(LoudspeakerTest, StopCutsTheQueueOff) {
  auto speaker = open().value();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(speaker->play(std::vector<float>(100), stop.get_token()).error().code, Code::kCancelled);
  EXPECT_EQ(card_.dropped, 1);
  EXPECT_TRUE(card_.heard.empty());
}

TEST_F(LoudspeakerTest, WithoutADeviceTheErrorNamesTheWayOut) {
  card_.open_error = -ENOENT;
  const auto speaker = open();
  ASSERT_FALSE(speaker.has_value());
  EXPECT_EQ(speaker.error().code, Code::kUnavailable);
  EXPECT_NE(speaker.error().remedy.find("-o FILE"), std::string::npos);
  EXPECT_EQ(card_.closed, 0);
}

TEST_F(LoudspeakerTest, ARefusedRateClosesTheDeviceAgain) {
  card_.params_error = -EINVAL;
  EXPECT_EQ(open().error().code, Code::kUnavailable);
  EXPECT_EQ(card_.closed, 1);
}

TEST_F(LoudspeakerTest, DestructionClosesTheDevice) {
  open().value().reset();
  EXPECT_EQ(card_.closed, 1);
}

}  // namespace
}  // namespace hearth::audio
