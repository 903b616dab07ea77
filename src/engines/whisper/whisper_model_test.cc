#include "engines/whisper/whisper_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <thread>

#include "base/files.h"
#include "engine/transcriber.h"
#include "engines/whisper/model_for_test.h"
#include "testing/temp_dir.h"

namespace hearth::engines::whisper {
namespace {

using base::Code;
using base::Millis;
using engine::Flow;
using engine::TranscribedSegment;
using engine::TranscriptionRequest;

constexpr std::size_t kSecond = 16'000;

std::vector<float> tone(double seconds) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * static_cast<double>(kSecond)));
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = 0.2F * std::sin(0.1F * static_cast<float>(i % 6283));
  return samples;
}

// A multilingual model's tokens.
constexpr int kEnd = kEnglishEnd + 1;
constexpr int kGerman = kEnd + 1 + 1 + 2;             // after the start: en, zh, de
constexpr int kNobodySpeaks = kEnd + 1 + 99 + 4 + 1;  // after the start, 99 languages and four other marks

/// A multilingual model that hears " hello" in German.
ModelForTest german() { return ModelForTest(51'865, {{kHelloForTest, 10}, {kEnd, 20}, {kGerman, 30}}); }

/// One that is in doubt about that word, and rather thinks that nobody speaks; if somebody does, then German.
ModelForTest doubting_german() {
  return ModelForTest(51'865, {{kHelloForTest, 10}, {kEnd, 20}, {kGerman, 30}, {kNobodySpeaks, 31}});
}

/// One that hears "hello" without end.
ModelForTest endless() { return ModelForTest(51'864, {{kHelloForTest, 10}}); }

class WhisperModelTest : public ::testing::Test {
 protected:
  base::Result<std::unique_ptr<engine::Engine>> try_open(const std::string& ggml, int most_calls = 2) {
    const auto path = dir_ / "model.bin";
    EXPECT_TRUE(base::write_file_atomically(path, ggml));
    return open_whisper(path, WhisperSettings{1, most_calls}, {}, {});
  }
  engine::Transcriber& open(const ModelForTest& model = ModelForTest(), int most_calls = 2) {
    auto opened = try_open(model.ggml(), most_calls);
    EXPECT_TRUE(opened) << opened.error().line();
    engine_ = std::move(*opened);
    return *engine_->transcriber();
  }
  testing::TempDir dir_;
  std::unique_ptr<engine::Engine> engine_;
};

TEST_F(WhisperModelTest, WritesDownWhatItHearsAndStreamsIt) {
  std::vector<std::string> streamed;
  const auto heard = open().transcribe(tone(3), {},
                                       [&](const TranscribedSegment& segment) {
                                         streamed.push_back(segment.text);
                                         return Flow::kContinue;
                                       },
                                       {});
  ASSERT_TRUE(heard) << heard.error().line();
  ASSERT_EQ(heard->segments.size(), 1U);
  EXPECT_EQ(heard->segments[0].text, " hello");
  EXPECT_EQ(heard->language, "en");
  EXPECT_EQ(streamed, std::vector<std::string>{" hello"});
  EXPECT_GE(heard->segments[0].start, Millis{0});
  EXPECT_LE(heard->segments[0].end, Millis{3000});
  EXPECT_TRUE(heard->segments[0].words.empty());
}

TEST_F(WhisperModelTest, WordsCarryTheirTimesWhenAskedFor) {
  TranscriptionRequest request;
  request.words = TranscriptionRequest::Words::kYes;
  const auto heard = open().transcribe(tone(3), request, {}, {});
  ASSERT_TRUE(heard);
  ASSERT_EQ(heard->segments.size(), 1U);
  ASSERT_EQ(heard->segments[0].words.size(), 1U);
  EXPECT_EQ(heard->segments[0].words[0].text, "hello");
  EXPECT_LE(heard->segments[0].words[0].end, Millis{3000});
}

TEST_F(WhisperModelTest, NoSamplesAndSilenceAreAnEmptyTranscription) {
  engine::Transcriber& transcriber = open();
  for (const auto& samples : {std::vector<float>(), std::vector<float>(5 * kSecond)}) {
    const auto heard = transcriber.transcribe(samples, {}, {}, {});
    ASSERT_TRUE(heard);
    EXPECT_TRUE(heard->segments.empty());
  }
}

TEST_F(WhisperModelTest, AFewSamplesAndDamagedOnesAreTranscribed) {
  engine::Transcriber& transcriber = open();
  EXPECT_TRUE(transcriber.transcribe(std::vector<float>{0.5F}, {}, {}, {}));
  std::vector<float> samples = tone(1);
  samples[100] = std::nanf("");
  samples[200] = INFINITY;
  EXPECT_TRUE(transcriber.transcribe(samples, {}, {}, {}));
}

TEST_F(WhisperModelTest, LongSoundHasTimesOfTheWhole) {
  std::vector<float> samples = tone(20);
  samples.resize(60 * kSecond);  // silence
  const std::vector<float> later = tone(20);
  samples.insert(samples.end(), later.begin(), later.end());
  const auto heard = open().transcribe(samples, {}, {}, {});
  ASSERT_TRUE(heard);
  ASSERT_EQ(heard->segments.size(), 2U);
  EXPECT_LE(heard->segments[0].end, Millis{21'000});
  EXPECT_GE(heard->segments[1].start, Millis{59'000});
  EXPECT_LE(heard->segments[1].end, Millis{80'000});
}

TEST_F(WhisperModelTest, TheLanguageIsDetectedWhateverWasGuessed) {
  engine::Transcriber& transcriber = open(german());
  for (int i = 0; i < 2; ++i) {  // the second time the guess is right
    const auto heard = transcriber.transcribe(tone(2), {}, {}, {});
    ASSERT_TRUE(heard) << heard.error().line();
    EXPECT_EQ(heard->language, "de");
    ASSERT_EQ(heard->segments.size(), 1U);
    EXPECT_EQ(heard->segments[0].text, " hello");
  }
  TranscriptionRequest english;
  english.languages = {"EN"};
  EXPECT_EQ(transcriber.transcribe(tone(2), english, {}, {})->language, "en");
}

TEST_F(WhisperModelTest, TheLanguageIsDetectedAmongThoseThatItMayBe) {
  engine::Transcriber& transcriber = open(german());
  const auto heard_as = [&](std::vector<std::string> languages) {
    TranscriptionRequest request;
    request.languages = std::move(languages);
    const auto heard = transcriber.transcribe(tone(2), request, {}, {});
    return heard ? heard->language : heard.error().line();
  };
  EXPECT_EQ(heard_as({"en", "de"}), "de");
  EXPECT_EQ(heard_as({"fr", "de"}), "de");  // the guess is none of them, or the second
  EXPECT_NE(heard_as({"fr", "en"}), "de");
  EXPECT_EQ(heard_as({"fr"}), "fr");
  EXPECT_EQ(heard_as({}), "de");
  TranscriptionRequest unknown;
  unknown.languages = {"en", "xx"};
  EXPECT_FALSE(transcriber.validate(unknown));
}

TEST_F(WhisperModelTest, TheLanguageOfNoiseIsTheModelsAnswerAndNotWhatWasGuessed) {
  engine::Transcriber& transcriber = open(doubting_german());
  TranscriptionRequest english;
  english.languages = {"en"};
  for (int i = 0; i < 2; ++i) {
    const auto heard = transcriber.transcribe(tone(2), {}, {}, {});
    ASSERT_TRUE(heard) << heard.error().line();
    EXPECT_EQ(heard->language, "de");
    EXPECT_TRUE(heard->segments.empty());  // invented
    EXPECT_EQ(transcriber.transcribe(tone(2), english, {}, {})->language, "en");
  }
}

TEST_F(WhisperModelTest, AnAnswerDoesNotDependOnWhoAskedBefore) {
  // Sure of its word, so that it is asked how likely nobody speaks only where it is asked for the language.
  engine::Transcriber& transcriber =
      open(ModelForTest(51'865, {{kHelloForTest, 15}, {kEnd, 20}, {kGerman, 30}, {kNobodySpeaks, 28}}));
  const auto wrongly_guessed = transcriber.transcribe(tone(2), {}, {}, {});
  const auto rightly_guessed = transcriber.transcribe(tone(2), {}, {}, {});
  ASSERT_TRUE(wrongly_guessed && rightly_guessed);
  ASSERT_EQ(wrongly_guessed->segments.size(), 1U);
  ASSERT_EQ(rightly_guessed->segments.size(), 1U);
  const TranscribedSegment& one = wrongly_guessed->segments[0];
  const TranscribedSegment& other = rightly_guessed->segments[0];
  EXPECT_NEAR(one.no_speech_probability, 0.119, 0.001);
  EXPECT_NEAR(other.no_speech_probability, 0.119, 0.001);
  EXPECT_EQ(one.tokens, other.tokens);
  EXPECT_DOUBLE_EQ(one.average_logprob, other.average_logprob);
}

TEST_F(WhisperModelTest, AModelAsDeepAndAsWideInTokensAsLargeV3TurboHears) {
  // A language more, Cantonese, so that the marks after them are one further on.
  engine::Transcriber& transcriber = open(ModelForTest(51'866, {{kHelloForTest, 10}, {kEnd, 20}, {kGerman, 30}},
                                                       {.audio_layers = 32, .text_layers = 4, .mels = 128}));
  const auto heard = transcriber.transcribe(tone(2), {}, {}, {});
  ASSERT_TRUE(heard) << heard.error().line();
  EXPECT_EQ(heard->language, "de");
  ASSERT_EQ(heard->segments.size(), 1U);
  EXPECT_EQ(heard->segments[0].text, " hello");
  TranscriptionRequest cantonese;
  cantonese.languages = {"yue"};
  EXPECT_TRUE(transcriber.validate(cantonese));
}

TEST_F(WhisperModelTest, WhatWasHeardIsGivenToTheNextPieceWhereThatIsSet) {
  const auto path = dir_ / "model.bin";
  ASSERT_TRUE(base::write_file_atomically(path, german().ggml()));
  const WhisperSettings settings{.text_before = TextBefore::kPromptAndHeard};
  auto opened = open_whisper(path, settings, {}, {});
  ASSERT_TRUE(opened) << opened.error().line();
  std::vector<float> samples = tone(20);
  samples.resize(60 * kSecond);  // silence
  const std::vector<float> later = tone(20);
  samples.insert(samples.end(), later.begin(), later.end());
  TranscriptionRequest request;
  request.prompt = "hello";
  const auto heard = (*opened)->transcriber()->transcribe(samples, request, {}, {});
  ASSERT_TRUE(heard) << heard.error().line();
  EXPECT_EQ(heard->language, "de");
  ASSERT_EQ(heard->segments.size(), 2U);
  EXPECT_EQ(heard->segments[1].text, " hello");
  EXPECT_GE(heard->segments[1].start, Millis{59'000});
}

TEST_F(WhisperModelTest, APromptOfAnyLengthIsTaken) {
  engine::Transcriber& transcriber = open(german());
  TranscriptionRequest request;
  for (const std::string& prompt :
       {std::string("hello"), std::string(1'000'000, 'a'), std::string("\xFF\xC3\x28\0x", 5)}) {
    request.prompt = prompt;
    EXPECT_TRUE(transcriber.transcribe(tone(2), request, {}, {}));
  }
}

TEST_F(WhisperModelTest, WhatCannotBeDoneIsSaidBeforeAnySoundIsLookedAt) {
  engine::Transcriber& transcriber = open();
  TranscriptionRequest request;
  request.languages = {"klingon"};
  EXPECT_EQ(transcriber.validate(request).error().code, Code::kInvalidArgument);
  request.languages = {"de"};
  EXPECT_EQ(transcriber.validate(request).error().code, Code::kUnsupported);
  EXPECT_EQ(transcriber.transcribe(tone(1), request, {}, {}).error().code, Code::kUnsupported);
  request.languages = {"en"};
  EXPECT_TRUE(transcriber.validate(request));
  request.task = TranscriptionRequest::Task::kTranslate;
  EXPECT_EQ(transcriber.validate(request).error().code, Code::kUnsupported);
  request = {};
  request.temperature = 1.5;
  EXPECT_EQ(transcriber.validate(request).error().code, Code::kInvalidArgument);
}

TEST_F(WhisperModelTest, ALanguageThatTheModelIsTooOldForIsUnsupported) {
  TranscriptionRequest cantonese;
  cantonese.languages = {"yue"};
  EXPECT_EQ(open(german()).validate(cantonese).error().code, Code::kUnsupported);
}

TEST_F(WhisperModelTest, AStopBeforeItBeginsIsCancelled) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(open().transcribe(tone(1), {}, {}, stop.get_token()).error().code, Code::kCancelled);
}

TEST_F(WhisperModelTest, ASinkThatHasHeardEnoughEndsIt) {
  int segments = 0;
  const auto heard = open().transcribe(tone(80), {},
                                       [&](const TranscribedSegment&) {
                                         ++segments;
                                         return Flow::kStop;
                                       },
                                       {});
  ASSERT_FALSE(heard);
  EXPECT_EQ(heard.error().code, Code::kCancelled);
  EXPECT_EQ(segments, 1);
}

TEST_F(WhisperModelTest, AStopWhileItWritesEndsItAndTheModelGoesOnWorking) {
  engine::Transcriber& transcriber = open(endless());
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  TranscriptionRequest request;
  request.temperature = 0.1;  // does not rise
  const auto cancelled = transcriber.transcribe(tone(20), request, {}, stop.get_token());
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, Code::kCancelled);
  stopper.join();
  EXPECT_TRUE(transcriber.transcribe({}, {}, {}, {}));
}

TEST_F(WhisperModelTest, CallsOverlapAndThoseAboveTheMostWait) {
  engine::Transcriber& transcriber = open(ModelForTest(), 2);
  std::vector<std::jthread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      const auto heard = transcriber.transcribe(tone(2), {}, {}, {});
      if (heard && heard->segments.size() == 1 && heard->segments[0].text == " hello") ++right;
    });
  }
  threads.clear();
  EXPECT_EQ(right, 5);
}

TEST_F(WhisperModelTest, AStopWhileItWaitsForAnotherCallIsCancelled) {
  engine::Transcriber& transcriber = open(ModelForTest(), 1);
  std::stop_source stop;
  Code code{};
  const auto holder = transcriber.transcribe(
      tone(2), {},
      [&](const TranscribedSegment&) {  // holds the only state
        std::jthread second([&] { code = transcriber.transcribe(tone(2), {}, {}, stop.get_token()).error().code; });
        stop.request_stop();
        second.join();
        return Flow::kContinue;
      },
      {});
  EXPECT_TRUE(holder);
  EXPECT_EQ(code, Code::kCancelled);
}

TEST_F(WhisperModelTest, WarmsUpWithoutASegment) {
  open(endless());
  EXPECT_TRUE(engine_->warm_up({}));
}

TEST_F(WhisperModelTest, AStoppedLoadIsCancelled) {
  const auto path = dir_ / "model.bin";
  ASSERT_TRUE(base::write_file_atomically(path, ModelForTest().ggml()));
  std::stop_source stop;
  const auto progress = [&](double, std::string_view stage) {
    if (stage == "open") stop.request_stop();
  };
  EXPECT_EQ(open_whisper(path, {}, progress, stop.get_token()).error().code, Code::kCancelled);
}

TEST_F(WhisperModelTest, AQuantisedFileHearsTheSame) {
  auto opened = try_open(quantised(ModelForTest().ggml()));
  ASSERT_TRUE(opened) << opened.error().line();
  const auto heard = (*opened)->transcriber()->transcribe(tone(2), {}, {}, {});
  ASSERT_TRUE(heard);
  ASSERT_EQ(heard->segments.size(), 1U);
  EXPECT_EQ(heard->segments[0].text, " hello");
}

TEST_F(WhisperModelTest, FilesThatAreNoModelAreRefused) {
  const std::string whole = ModelForTest().ggml();
  EXPECT_EQ(try_open("").error().code, Code::kCorrupt);
  EXPECT_EQ(try_open(whole.substr(0, whole.size() / 2)).error().code, Code::kCorrupt);
  std::string renamed = whole;  // whole, but for a tensor that Whisper does not have
  renamed.replace(renamed.find("encoder.conv1.weight"), 7, "encoded");
  EXPECT_EQ(try_open(renamed).error().code, Code::kCorrupt);
  EXPECT_EQ(open_whisper(dir_ / "none.bin", {}, {}, {}).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace hearth::engines::whisper
