#include "app/known_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "engine/document_reader.h"
#include "engine/language_model.h"
#include "engine/speech_synthesizer.h"
#include "engine/transcriber.h"
#include "engine/turn_detector.h"
#include "engine/voice_detector.h"

namespace hearth::app {
namespace {

using base::Code;
using base::Result;
using engine::LanguageCall;
using ::testing::HasSubstr;

using Answers = std::map<LanguageCall, std::string>;

constexpr const char* kOtherSort = R"({"error":{"message":"it cannot","code":"unsupported_model"}})";

/// Says what a test wants to the calls that it answers, and refuses the others as the real adapter does.
class FakeLanguage final : public engine::Engine, public engine::LanguageModel {
 public:
  explicit FakeLanguage(Answers answers) : answers_(std::move(answers)) {}
  engine::LanguageModel* language_model() override { return this; }
  Result<void> answer(LanguageCall call, const std::string&, engine::LanguageSink& sink, std::stop_token) override {
    const auto found = answers_.find(call);
    const bool is_known = found != answers_.end();
    sink.begin(is_known ? 200 : 400, "application/json");
    sink.write(is_known ? found->second : kOtherSort);
    return {};
  }

 private:
  const Answers answers_;
};

Result<std::string> ask(LanguageCall call, const std::string& answer) {
  FakeLanguage model(Answers{{call, answer}});
  return ask_known(model, {});
}

std::string written(const std::string& text) {
  return R"({"usage":{"total_tokens":7},"choices":[{"text":")" + text + R"("}]})";
}

std::string ranked(const char* first, const char* second) {
  return std::string(R"({"results":[{"index":1,"relevance_score":)") + second + R"(},{"index":0,"relevance_score":)" +
         first + "}]}";
}

std::string embedded(const char* first, const char* second, const char* third) {
  return std::string(R"({"data":[{"index":0,"embedding":)") + first + R"(},{"index":2,"embedding":)" + third +
         R"(},{"index":1,"embedding":)" + second + "}]}";
}

/// A second and a half of a tone.
class FakeVoice final : public engine::Engine, public engine::SpeechSynthesizer, public engine::Utterance {
 public:
  explicit FakeVoice(float level) : level_(level) {}
  engine::SpeechSynthesizer* speech_synthesizer() override { return this; }
  Result<std::unique_ptr<engine::Utterance>> prepare(const engine::SpeechRequest&) override {
    return std::make_unique<FakeVoice>(level_);
  }
  Result<void> speak(const engine::PcmSink& sink, std::stop_token) override {
    sink(std::vector<float>(36'000, level_));
    return {};
  }
  std::vector<engine::Voice> voices() const override { return {}; }
  base::SampleRate sample_rate() const override { return base::SampleRate{24'000}; }

 private:
  const float level_;
};

class FakeEar final : public engine::Engine, public engine::Transcriber {
 public:
  explicit FakeEar(std::string text) : text_(std::move(text)) {}
  engine::Transcriber* transcriber() override { return this; }
  Result<engine::Transcription> transcribe(std::span<const float>, const engine::TranscriptionRequest&,
                                           const engine::SegmentSink&, std::stop_token) override {
    engine::Transcription heard;
    heard.segments.emplace_back().text = text_;
    return heard;
  }
  Result<void> validate(const engine::TranscriptionRequest&) const override { return {}; }

 private:
  const std::string text_;
};

/// Sure of a voice where the sound is at least so loud.
class FakeVoiceDetector final : public engine::Engine, public engine::VoiceDetector {
 public:
  explicit FakeVoiceDetector(float least) : least_(least) {}
  engine::VoiceDetector* voice_detector() override { return this; }
  Result<float> detect(std::span<const float, kWindow> window, engine::VoiceState&, std::stop_token) override {
    return *std::ranges::max_element(window) >= least_ ? 0.9F : 0.1F;
  }

 private:
  const float least_;
};

/// One answer to the whole question, another to what is shorter.
class FakeTurnDetector final : public engine::Engine, public engine::TurnDetector {
 public:
  FakeTurnDetector(float whole, float half) : whole_(whole), half_(half) {}
  engine::TurnDetector* turn_detector() override { return this; }
  Result<float> detect_end(std::span<const float> turn, std::stop_token) override {
    longest_ = std::max(longest_, turn.size());
    return turn.size() == longest_ ? whole_ : half_;
  }

 private:
  const float whole_, half_;
  std::size_t longest_ = 0;
};

class FakeReader final : public engine::Engine, public engine::DocumentReader {
 public:
  explicit FakeReader(std::string text) : text_(std::move(text)) {}
  engine::DocumentReader* document_reader() override { return this; }
  Result<engine::ReadPage> read(const image::Picture&, const engine::ReadOptions&, std::stop_token) override {
    engine::ReadPage page;
    page.lines.emplace_back().text = text_;
    return page;
  }

 private:
  const std::string text_;
};

template <class Fake, class... Says>
bool passes(Says... says) {
  Fake fake(says...);
  const auto answer = ask_known(fake, {});
  EXPECT_TRUE(answer || answer.error().code == Code::kInternal);
  return answer.has_value();
}

TEST(KnownAnswers, ASilentVoiceAndOneThatRoarsAreWrong) {
  EXPECT_TRUE(passes<FakeVoice>(0.1F));
  EXPECT_FALSE(passes<FakeVoice>(0.0F));
  EXPECT_FALSE(passes<FakeVoice>(0.9F));
}

TEST(KnownAnswers, WhatWasSaidIsToBeHeard) {
  EXPECT_TRUE(passes<FakeEar>(" Hello, world. How are you today?"));
  EXPECT_FALSE(passes<FakeEar>(" Thank you."));
  EXPECT_FALSE(passes<FakeEar>(""));
}

TEST(KnownAnswers, AVoiceIsInSpeechAndNotInSilence) {
  EXPECT_TRUE(passes<FakeVoiceDetector>(0.01F));
  EXPECT_FALSE(passes<FakeVoiceDetector>(0.0F));  // everywhere
  EXPECT_FALSE(passes<FakeVoiceDetector>(2.0F));  // nowhere
}

TEST(KnownAnswers, AQuestionEndsAtItsEnd) {
  EXPECT_TRUE(passes<FakeTurnDetector>(0.9F, 0.1F));
  EXPECT_FALSE(passes<FakeTurnDetector>(0.1F, 0.1F));
  EXPECT_FALSE(passes<FakeTurnDetector>(0.8F, 0.9F));
}

TEST(KnownAnswers, WhatIsWrittenIsToBeRead) {
  EXPECT_TRUE(passes<FakeReader>("HI"));
  EXPECT_FALSE(passes<FakeReader>("H"));
  EXPECT_FALSE(passes<FakeReader>(""));
}

TEST(KnownAnswers, AWriterCountsOnInWordsOrDigits) {
  for (const char* text : {" seven, eight", " Seven", " 7, 8, 9"}) {
    EXPECT_TRUE(ask(LanguageCall::kCompletions, written(text))) << text;
  }
  const auto wrong = ask(LanguageCall::kCompletions, written(" six, six"));
  ASSERT_FALSE(wrong) << "the 7 of its usage is no answer";
  EXPECT_THAT(wrong.error().message, HasSubstr("six, six"));
  for (const char* body : {"", "{}", R"({"choices":[]})", R"({"choices":[{"text":7}]})"}) {
    EXPECT_EQ(ask(LanguageCall::kCompletions, body).error().code, Code::kInternal) << body;
  }
}

TEST(KnownAnswers, ARankerPutsTheAnswerFirst) {
  const auto right = ask(LanguageCall::kRerank, ranked("-3.5", "0.25"));
  ASSERT_TRUE(right) << right.error().line();
  EXPECT_THAT(*right, HasSubstr("ranked"));
  EXPECT_EQ(ask(LanguageCall::kRerank, ranked("0.25", "0.25")).error().code, Code::kInternal);
  for (const char* body :
       {"", "{}", R"({"results":[{"index":2,"relevance_score":1}]})", R"({"results":[{"index":1}]})"}) {
    EXPECT_EQ(ask(LanguageCall::kRerank, body).error().code, Code::kInternal) << body;
  }
}

TEST(KnownAnswers, AnEmbedderPutsNearWhatSaysTheSame) {
  const auto right = ask(LanguageCall::kEmbeddings, embedded("[1,0]", "[0.8,0.6]", "[0,1]"));
  ASSERT_TRUE(right) << right.error().line();
  EXPECT_THAT(*right, HasSubstr("0.800 to a text that says the same, 0.000 to another"));
  EXPECT_THAT(ask(LanguageCall::kEmbeddings, embedded("[1,0]", "[0,1]", "[0.8,0.6]")).error().message,
              HasSubstr("nearer"));
  EXPECT_THAT(ask(LanguageCall::kEmbeddings, embedded("[1,0]", "[8,6]", "[0,1]")).error().message,
              HasSubstr("of length 10.000"));
  EXPECT_FALSE(ask(LanguageCall::kEmbeddings, embedded("[1,0]", "[1]", "[0,1]")));
  for (const char* body : {"", "{}", R"({"data":[]})", R"({"data":[{"index":3,"embedding":[1]}]})"}) {
    EXPECT_EQ(ask(LanguageCall::kEmbeddings, body).error().code, Code::kInternal) << body;
  }
}

TEST(KnownAnswers, ARankerIsNotTakenForAnEmbedder) {
  FakeLanguage ranker(Answers{{LanguageCall::kRerank, ranked("0", "1")}, {LanguageCall::kEmbeddings, "{}"}});
  EXPECT_TRUE(ask_known(ranker, {}));
}

TEST(KnownAnswers, OneThatCanDoNoneOfItSaysSo) {
  FakeLanguage mute(Answers{});
  EXPECT_EQ(ask_known(mute, {}).error().code, Code::kUnsupported);
}

}  // namespace
}  // namespace hearth::app
