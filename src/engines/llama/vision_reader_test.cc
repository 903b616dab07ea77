#include "engines/llama/vision_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/base64.h"
#include "engine/document_reader.h"
#include "engine/language_model.h"

namespace hearth::engines::llama {
namespace {

using base::Code;
using Json = nlohmann::json;

/// What was asked, and what to answer. Outlives the model.
struct Script {
  int status = 200;
  std::string answer;
  base::Result<void> end = {};
  std::string asked = {};
  engine::LanguageCall call = engine::LanguageCall::kTokenize;
};

class ScriptedModel final : public engine::Engine, public engine::LanguageModel {
 public:
  explicit ScriptedModel(Script& script) : script_(script) {}
  engine::LanguageModel* language_model() override { return this; }
  base::Result<void> answer(engine::LanguageCall call, const std::string& body, engine::LanguageSink& sink,
                            std::stop_token) override {
    script_.call = call;
    script_.asked = body;
    if (!script_.end) return script_.end;
    sink.begin(script_.status, "application/json");
    const std::string_view answer = script_.answer;  // in two parts, as they come
    if (sink.write(answer.substr(0, answer.size() / 2)) == engine::Flow::kStop ||
        sink.write(answer.substr(answer.size() / 2)) == engine::Flow::kStop) {
      return base::fail(Code::kCancelled, "nobody listens");
    }
    return {};
  }

 private:
  Script& script_;
};

base::Result<engine::ReadPage> read(Script& script, const image::Picture& page = image::make_picture(3, 2),
                                    double least_score = 0.5, std::string prompt = {}) {
  const auto reader = make_vision_reader(std::make_unique<ScriptedModel>(script), std::move(prompt));
  engine::ReadOptions options;
  options.least_score = least_score;
  return reader->document_reader()->read(page, options, {});
}

Json token(std::string text, double logprob) { return {{"token", std::move(text)}, {"logprob", logprob}}; }

std::string answer_of(const std::string& content, const Json& tokens = Json::array(), const std::string& end = "stop") {
  const Json choice = {
      {"message", {{"content", content}}}, {"finish_reason", end}, {"logprobs", {{"content", tokens}}}};
  return Json{{"choices", {choice}}}.dump();
}

TEST(VisionReader, AsksAboutThePictureInTheWordsGiven) {
  Script script{200, answer_of("x")};
  image::Picture page = image::make_picture(2, 1);
  page.rgb = {1, 2, 3, 250, 251, 252};
  ASSERT_TRUE(read(script, page, 0, "OCR:"));
  EXPECT_EQ(script.call, engine::LanguageCall::kChatCompletions);
  const Json content = Json::parse(script.asked)["messages"][0]["content"];
  // A bitmap of two pixels: the six bytes are its last but two, blue before red.
  EXPECT_EQ(
      content[0]["image_url"]["url"],
      "data:image/bmp;base64,Qk0+AAAAAAAAADYAAAAoAAAAAgAAAAEAAAABABgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwIB/Pv6AAA=");
  EXPECT_EQ(content[1]["text"], "OCR:");
  EXPECT_EQ(Json::parse(script.asked)["temperature"], 0);
  EXPECT_GE(Json::parse(script.asked)["max_tokens"].get<int>(), 1'000'000) << "a page is read to its end";
}

TEST(VisionReader, AHugePageIsSentSmaller) {
  Script script{200, answer_of("x")};
  ASSERT_TRUE(read(script, image::make_picture(13'000, 1'000), 0));
  EXPECT_LT(script.asked.size(), 12'000'000U * 3 * 4 / 3 + 1'000);
  EXPECT_NE(script.asked.find(kReadingPrompt), std::string::npos);
}

/// Width and height of a bitmap in a data: URL.
std::pair<int, int> size_of(const std::string& url) {
  const auto file = base::decode_base64(url.substr(url.find(',') + 1));
  std::pair<std::int32_t, std::int32_t> size;
  if (!file || file->size() < 26) return {};
  std::memcpy(&size.first, file->data() + 18, sizeof size.first);
  std::memcpy(&size.second, file->data() + 22, sizeof size.second);
  return size;
}

TEST(VisionReader, ALongPageOfFewPixelsIsSentAsLongAsAChatTakesIt) {
  for (const auto& [width, height] : {std::pair{500, 17'000}, {30'000, 200}, {1, 30'000}}) {
    const auto [wide, high] = size_of(picture_url(image::make_picture(width, height)));
    EXPECT_EQ(std::max(wide, high), kMostPictureSide) << width << " x " << height;
    EXPECT_NEAR(std::min(wide, high), std::min(width, height) * 16'384.0 / std::max(width, height), 1);
  }
  EXPECT_EQ(size_of(picture_url(image::make_picture(500, 16'384))), std::pair(500, 16'384)) << "as it is";
}

TEST(VisionReader, TheAnswerIsThePageAndItsLinesHaveScoresButNoPlaces) {
  Script script{200, answer_of("# Bill\n\n12 EUR", {token("# Bi", std::log(0.9)), token("ll", std::log(0.7)),
                                                    token("\n\n", 0), token("12", std::log(0.2)), token(" EUR", 0)})};
  const auto page = read(script, image::make_picture(30, 20));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->width, 30);
  EXPECT_EQ(page->markdown, "# Bill\n\n12 EUR");
  ASSERT_EQ(page->lines.size(), 2U);
  EXPECT_EQ(page->lines[0].text, "# Bill");
  EXPECT_NEAR(page->lines[0].score, 0.8, 1e-9);
  EXPECT_NEAR(page->lines[1].score, 0.6, 1e-9);
  EXPECT_FALSE(page->lines[0].corners);
}

TEST(VisionReader, LinesBelowTheLeastScoreAreLeftOutOfTheText) {
  const Json tokens = {token("sure\n", 0), token("not", std::log(0.1))};
  Script script{200, answer_of("sure\nnot", tokens)};
  const auto page = read(script);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->lines.size(), 1U);
  EXPECT_EQ(page->lines[0].text, "sure");
}

TEST(VisionReader, TokensThatTheTextLeavesOutGiveAllLinesTheSameScore) {
  Script script{200, answer_of("a\nb", {token("<think>", std::log(0.6)), token("a\nb", 0)})};
  const auto page = read(script);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->lines.size(), 2U);
  EXPECT_NEAR(page->lines[0].score, 0.8, 1e-9);
  EXPECT_NEAR(page->lines[1].score, 0.8, 1e-9);
}

TEST(VisionReader, AnEmptyPageHasNoLines) {
  Script script{200, answer_of("")};
  const auto page = read(script, image::make_picture(3, 2), 0);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->lines.empty());
}

TEST(VisionReader, AReadingWithoutAnEndIsAnError) {
  Script script{200, answer_of("the the the", Json::array(), "length")};
  EXPECT_EQ(read(script).error().code, Code::kExhausted);
  Script endless{200, std::string(17U << 20, 'x')};
  EXPECT_EQ(read(endless).error().code, Code::kExhausted);
}

TEST(VisionReader, TheModelsRefusalIsToldInItsWords) {
  Script script{400, R"({"error":{"message":"no eyes"}})"};
  const auto page = read(script);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Code::kInvalidArgument);
  EXPECT_NE(page.error().message.find("no eyes"), std::string::npos);
  Script broken{500, "oops"};
  EXPECT_EQ(read(broken).error().code, Code::kInternal);
}

TEST(VisionReader, NonsenseAndCancellationAreErrors) {
  for (const char* answer : {"", "[]", "{}", R"({"choices":[]})", R"({"choices":[{"message":{"content":null}}]})"}) {
    Script script{200, answer};
    const auto page = read(script);
    ASSERT_FALSE(page) << answer;
    EXPECT_EQ(page.error().code, Code::kInternal) << answer;
  }
  Script gone{200, answer_of("x"), base::fail(Code::kCancelled, "gone")};
  EXPECT_EQ(read(gone).error().code, Code::kCancelled);
  Script script{200, answer_of("x")};
  EXPECT_EQ(read(script, {}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(read(script, image::make_picture(1, 1), 2).error().code, Code::kInvalidArgument);
}

TEST(VisionReader, TheModelStillChats) {
  Script script;
  EXPECT_NE(make_vision_reader(std::make_unique<ScriptedModel>(script), {})->language_model(), nullptr);
}

}  // namespace
}  // namespace hearth::engines::llama
