// The voice and turn detectors against values of their reference code, on the real models and eleven seconds of real
// speech. Not a unit test: it wants models. tests/e2e/test_detectors.py runs it, with the models' paths in
// HEARTH_SILERO and HEARTH_SMART_TURN. The values are of the Python packages silero-vad 6.2.3 (utils_vad.OnnxWrapper)
// and pipecat-ai 1.14.0 (LocalSmartTurnAnalyzerV3), both on ONNX Runtime 1.31.1; bench/detectors/golden.py prints them.

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>

#include "engine/turn_detector.h"
#include "engine/voice_detector.h"
#include "engines/onnx/silero.h"
#include "engines/onnx/smart_turn.h"

namespace hearth::engines::onnx {
namespace {

std::shared_ptr<const OrtLibrary> library() {
  static const auto kOpened = OrtLibrary::open(find_ort_library(), 2);
  return kOpened.value();
}

/// The sample is mono, 16 bit, 16 kHz; its sound is the last chunk.
std::vector<float> speech() {
  std::ifstream file(HEARTH_SPEECH_SAMPLE, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  constexpr std::size_t kSamples = 176'000;
  std::vector<float> out;
  const std::size_t chunk = bytes.find("data");
  if (chunk == std::string::npos || bytes.size() != chunk + 8 + 2 * kSamples) {
    ADD_FAILURE() << HEARTH_SPEECH_SAMPLE << " is not the sample this test knows";
    return out;
  }
  for (std::size_t at = chunk + 8; at < bytes.size(); at += 2) {
    std::int16_t sample = 0;
    std::memcpy(&sample, bytes.data() + at, sizeof sample);
    out.push_back(static_cast<float>(sample) / 32'768.0F);
  }
  return out;
}

std::vector<float> voice_track(engine::VoiceDetector& detector, std::span<const float> samples) {
  engine::VoiceState state;
  std::vector<float> track;
  constexpr std::size_t kWindow = engine::VoiceDetector::kWindow;
  for (; samples.size() >= kWindow; samples = samples.subspan(kWindow)) {
    track.push_back(detector.detect(samples.first<kWindow>(), state, {}).value());
  }
  return track;
}

TEST(Silero, FollowsTheReferenceOverSpeech) {
  const auto engine = open_silero(library(), std::getenv("HEARTH_SILERO"), {}).value();
  const std::vector<float> track = voice_track(*engine->voice_detector(), speech());
  ASSERT_EQ(track.size(), 343U);
  const std::map<std::size_t, float> wanted = {{0, 0.00167F},   {24, 0.9909F},   {48, 0.99523F},  {72, 0.06072F},
                                               {96, 0.01065F},  {120, 0.20658F}, {144, 0.02841F}, {168, 0.03737F},
                                               {192, 0.99884F}, {216, 0.99893F}, {240, 0.07419F}, {264, 0.99891F},
                                               {288, 0.99882F}, {312, 0.99897F}, {336, 0.0747F}};
  for (const auto& [window, probability] : wanted) EXPECT_NEAR(track[window], probability, 2e-3) << window;
}

TEST(Silero, StreamsShareWeightsAndNothingElse) {
  const auto engine = open_silero(library(), std::getenv("HEARTH_SILERO"), {}).value();
  const std::vector<float> samples = speech();
  const std::vector<float> alone = voice_track(*engine->voice_detector(), samples);
  std::vector<float> first;
  std::vector<float> second;
  {
    const std::jthread one([&] { first = voice_track(*engine->voice_detector(), samples); });
    const std::jthread two([&] { second = voice_track(*engine->voice_detector(), samples); });
  }
  EXPECT_EQ(first, alone);
  EXPECT_EQ(second, alone);
}

TEST(SmartTurn, JudgesAsTheReferenceDoes) {
  const auto engine = open_smart_turn(library(), std::getenv("HEARTH_SMART_TURN"), {}).value();
  const std::vector<float> samples = speech();
  // After so many seconds of the sample: the whole of it, and places where the speaker has not finished.
  const std::map<double, float> wanted = {{0.0, 0.98704F}, {1.0, 0.00668F}, {2.3, 0.7858F},  {4.0, 0.00618F},
                                          {5.5, 0.20765F}, {8.0, 0.0191F},  {11.0, 0.85476F}};
  for (const auto& [seconds, probability] : wanted) {
    const std::span<const float> heard(samples.data(), static_cast<std::size_t>(seconds * 16'000));
    EXPECT_NEAR(engine->turn_detector()->detect_end(heard, {}).value(), probability, 0.02) << seconds;
  }
}

TEST(Detectors, StopAtOnceWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  const auto turn = open_smart_turn(library(), std::getenv("HEARTH_SMART_TURN"), {}).value();
  EXPECT_EQ(turn->turn_detector()->detect_end({}, stop.get_token()).error().code, base::Code::kCancelled);
  const auto voice = open_silero(library(), std::getenv("HEARTH_SILERO"), {}).value();
  engine::VoiceState state;
  const std::array<float, engine::VoiceDetector::kWindow> silence{};
  EXPECT_EQ(voice->voice_detector()->detect(silence, state, stop.get_token()).error().code, base::Code::kCancelled);
}

TEST(Detectors, AFileThatIsNoGraphIsCorrupt) {
  EXPECT_EQ(open_silero(library(), HEARTH_SPEECH_SAMPLE, {}).error().code, base::Code::kCorrupt);
  EXPECT_EQ(open_smart_turn(library(), "/nowhere/model.onnx", {}).error().code, base::Code::kNotFound);
}

}  // namespace
}  // namespace hearth::engines::onnx
