#include "app/known_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <stop_token>
#include <string>
#include <utility>

#include "engine/language_model.h"

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
