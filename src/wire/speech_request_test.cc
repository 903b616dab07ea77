#include "wire/speech_request.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "wire/model_command.h"
#include "wire/openai_names.h"

namespace hearth::wire {
namespace {

tl::expected<SpeechRequest, ApiError> parse(std::string_view body) {
  SpeechDefaults defaults;
  defaults.voice = "af_heart";
  defaults.max_text = 1000;
  return parse_speech_request(body, defaults);
}

TEST(SpeechRequest, TheLeastIsAModelAndAText) {
  const auto request = parse(R"({"model":"tts-1","input":"Hello."})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "tts-1");
  EXPECT_EQ(request->input, "Hello.");
  EXPECT_EQ(request->voice, "af_heart");
  EXPECT_EQ(request->language, "");
  EXPECT_EQ(request->speed, 1.0);
  EXPECT_EQ(request->format, audio::AudioFormat::kMp3);
  EXPECT_EQ(request->stream, StreamFormat::kAudio);
  EXPECT_TRUE(request->wait);
}

TEST(SpeechRequest, TakesEveryField) {
  constexpr std::string_view kBody =
      R"({"model":"kokoro","input":"Bonjour \u00e9","voice":{"id":"ff_siwis"},"response_format":"pcm","speed":0.25,)"
      R"("stream_format":"sse","instructions":"cheerfully","lang":"fr","wait":false,"unknown":[{}]})";
  const auto request = parse(kBody);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->voice, "ff_siwis");
  EXPECT_EQ(request->format, audio::AudioFormat::kPcm);
  EXPECT_EQ(request->speed, 0.25);
  EXPECT_EQ(request->stream, StreamFormat::kSse);
  EXPECT_EQ(request->language, "fr");
  EXPECT_FALSE(request->wait);
}

TEST(SpeechRequest, NullMeansNotGiven) {
  const auto request =
      parse(R"({"model":"m","input":"x","voice":null,"speed":null,"response_format":null,"language":null})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->voice, "af_heart");
}

TEST(SpeechRequest, OpenAiVoicesBecomeKokoros) {
  EXPECT_EQ(parse(R"({"model":"m","input":"x","voice":"fable"})")->voice, "bm_fable");
  EXPECT_EQ(parse(R"j({"model":"m","input":"x","voice":"af_bella(2)+af_sky(1)"})j")->voice, "af_bella(2)+af_sky(1)");
  for (const VoiceAlias& alias : voice_aliases()) EXPECT_EQ(resolve_voices(alias.name), alias.voice);
  EXPECT_EQ(resolve_voices("alloy(2)+ nova + af_sky(1)"), "af_alloy(2)+ af_nova + af_sky(1)");
  EXPECT_EQ(resolve_voices("alloyed"), "alloyed");
}

struct BadCase {
  const char* body;
  const char* param;  // null: none
  const char* code;
};

TEST(SpeechRequest, SaysWhatIsWrongAndWhere) {
  const BadCase cases[] = {
      {"", nullptr, "invalid_json"},
      {"{", nullptr, "invalid_json"},
      {"null", nullptr, "invalid_json"},
      {"[]", nullptr, "invalid_json"},
      {"\"x\"", nullptr, "invalid_json"},
      {"{\"model\":\"m\",\"input\":\"\xff\"}", nullptr, "invalid_json"},
      {"{\"model\":\"m\",\"input\":\"\\ud800\"}", nullptr, "invalid_json"},
      {"{\"model\":\"m\",\"input\":\"a\nb\"}", nullptr, "invalid_json"},
      {R"({"model":"m","input":"x","speed":1e999})", nullptr, "invalid_json"},
      {R"({"model":"m","input":"x"} trailing)", nullptr, "invalid_json"},
      {R"({"input":"x"})", "model", "missing_required_parameter"},
      {R"({"model":"m"})", "input", "missing_required_parameter"},
      {R"({"model":"m","input":null})", "input", "missing_required_parameter"},
      {R"({"model":5,"input":"x"})", "model", "invalid_type"},
      {R"({"model":"m","input":["x"]})", "input", "invalid_type"},
      {R"({"model":"m","input":""})", "input", "empty_string"},
      {R"({"model":"m","input":" \t\n\u00a0"})", "input", "empty_string"},
      {R"({"model":"m","input":"x","voice":7})", "voice", "invalid_type"},
      {R"({"model":"m","input":"x","voice":{"id":7}})", "voice.id", "invalid_type"},
      {R"({"model":"m","input":"x","voice":{}})", "voice", "invalid_value"},
      {R"({"model":"m","input":"x","response_format":"aac"})", "response_format", "unsupported_value"},
      {R"({"model":"m","input":"x","response_format":"exe"})", "response_format", "invalid_value"},
      {R"({"model":"m","input":"x","response_format":1})", "response_format", "invalid_type"},
      {R"({"model":"m","input":"x","speed":0.2})", "speed", "invalid_value"},
      {R"({"model":"m","input":"x","speed":4.01})", "speed", "invalid_value"},
      {R"({"model":"m","input":"x","speed":-1})", "speed", "invalid_value"},
      {R"({"model":"m","input":"x","speed":"1"})", "speed", "invalid_type"},
      {R"({"model":"m","input":"x","stream_format":"ws"})", "stream_format", "invalid_value"},
      {R"({"model":"m","input":"x","wait":"no"})", "wait", "invalid_type"},
      {R"({"model":"m","input":"x","instructions":{}})", "instructions", "invalid_type"},
  };
  for (const BadCase& bad : cases) {
    const auto request = parse(bad.body);
    ASSERT_FALSE(request) << bad.body;
    EXPECT_EQ(request.error().status, 400) << bad.body;
    EXPECT_EQ(request.error().type, "invalid_request_error") << bad.body;
    EXPECT_EQ(request.error().code, bad.code) << bad.body;
    EXPECT_EQ(request.error().param.value_or("-"), bad.param == nullptr ? "-" : bad.param) << bad.body;
    EXPECT_FALSE(request.error().message.empty());
  }
}

TEST(SpeechRequest, TooLongATextSaysHowLongItMayBe) {
  const auto request = parse(R"({"model":"m","input":")" + std::string(1001, 'a') + "\"}");
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, "string_above_max_length");
  EXPECT_EQ(request.error().message, "'input' has 1001 bytes; at most 1000 are taken");
}

TEST(SpeechRequest, SurvivesEveryTruncationAndRandomDamage) {
  const std::string whole =
      R"({"model":"kokoro","input":"caf\u00e9 \"q\" é","voice":{"id":"ff_siwis"},"speed":1.5e0,"wait":true,"x":[[{}],null]})";
  ASSERT_TRUE(parse(whole));
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(parse(whole.substr(0, n))) << n;
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = whole;
    for (int j = 0; j < 3; ++j) damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto request = parse(damaged);
    if (!request) {
      EXPECT_EQ(request.error().status, 400);
      EXPECT_FALSE(to_json(request.error()).empty());
    }
  }
}

TEST(ModelCommand, TakesNamesButNoPaths) {
  EXPECT_EQ(parse_model_command(R"({"model":"kokoro"})")->model, "kokoro");
  EXPECT_TRUE(parse_model_command(R"({"model":"kokoro"})")->wait);
  EXPECT_FALSE(parse_model_command(R"({"model":"kokoro","wait":false})")->wait);
  for (const char* bad : {"/etc/passwd", "../kokoro", "a/b", "a\\\\b", ".hidden"}) {
    const auto command = parse_model_command(std::string("{\"model\":\"") + bad + "\"}");
    ASSERT_FALSE(command) << bad;
    EXPECT_EQ(command.error().param, "model");
  }
}

}  // namespace
}  // namespace hearth::wire
