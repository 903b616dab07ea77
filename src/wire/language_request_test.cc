#include "wire/language_request.h"

#include <gtest/gtest.h>

#include <string>

namespace hearth::wire {
namespace {

auto parse(std::string_view body) { return parse_language_request(body, LanguageShape::kChat); }

std::string refused_field(const std::string& body) {
  const auto request = parse(body);
  return request ? "(taken)" : request.error().param.value_or("(none)");
}

TEST(LanguageRequest, ReadsTheModelAndWhetherToStream) {
  const auto request = parse(R"({"model":"m","stream":true,"messages":[]})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "m");
  EXPECT_TRUE(request->stream);
  EXPECT_TRUE(request->wait);
  EXPECT_TRUE(parse(R"({"model":null})")->model.empty());
}

TEST(LanguageRequest, NothingIsDownloaded) {
  for (const char* url : {"http://10.0.0.1/a.png", "https://a.example/b", "HTTPS://a.example/b", "file:///etc/passwd",
                          "ftp://a/b", "httpfoo"}) {
    for (const char* type : {"image_url", "video_url", "input_audio"}) {
      const std::string part = std::string(R"({"type":")") + type + R"(",")" + type + R"(":{"url":")" + url + R"("}})";
      EXPECT_EQ(refused_field(R"({"messages":[{"role":"user","content":[)" + part + "]}]}"), "messages") << part;
    }
    const std::string direct = std::string(R"({"type":"input_image","image_url":")") + url + R"("})";
    EXPECT_EQ(refused_field(R"({"input":[{"role":"user","content":[)" + direct + "]}]}"), "input") << direct;
    const std::string source = std::string(R"({"type":"image","source":{"type":"url","url":")") + url + R"("}})";
    EXPECT_EQ(refused_field(R"({"messages":[{"role":"user","content":[)" + source + "]}]}"), "messages") << source;
  }
}

TEST(LanguageRequest, MediaInTheRequestAndLinksInTextAreTaken) {
  EXPECT_TRUE(parse(
      R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]})"));
  EXPECT_TRUE(parse(R"({"messages":[{"role":"user","content":[{"type":"text","text":"read https://a.example"}]}]})"));
  EXPECT_TRUE(parse(R"({"messages":[{"role":"user","content":"https://a.example"}]})"));
}

TEST(LanguageRequest, WhatIsTheServersOwnAffairIsNotTaken) {
  for (const char* field :
       {"lora", "id_slot", "slot_id", "n_cache_reuse", "chat_parser", "grammar_triggers", "chat_template"})
    EXPECT_EQ(refused_field(std::string("{\"") + field + "\":0}"), field);
}

TEST(LanguageRequest, SizesAreBounded) {
  EXPECT_EQ(refused_field(R"({"n":1000})"), "n");
  EXPECT_EQ(refused_field(R"({"best_of":1000})"), "best_of");
  EXPECT_EQ(refused_field(R"({"repeat_last_n":2000000000})"), "repeat_last_n");
  EXPECT_EQ(refused_field(R"({"logprobs":2000000000})"), "logprobs");
  EXPECT_EQ(refused_field(R"({"logprobs":true,"top_logprobs":20})"), "(taken)");
  EXPECT_EQ(refused_field("{\"grammar\":\"" + std::string(100'000, 'a') + "\"}"), "grammar");
  EXPECT_EQ(refused_field("{\"json_schema\":{\"a\":\"" + std::string(100'000, 'a') + "\"}}"), "json_schema");
  std::string texts = R"({"input":["a")";
  for (int i = 0; i < 3000; ++i) texts += ",\"a\"";
  EXPECT_EQ(refused_field(texts + "]}"), "input");
  std::string tokens = R"({"input":[1)";
  for (int i = 0; i < 3000; ++i) tokens += ",1";
  EXPECT_EQ(refused_field(tokens + "]}"), "(taken)");
}

TEST(LanguageRequest, ToolsRunAtTheClient) {
  EXPECT_EQ(refused_field(R"({"tools":[{"type":"web_search"}]})"), "tools");
  EXPECT_EQ(refused_field(R"({"tools":[{"type":"mcp","server_url":"http://a"}]})"), "tools");
  EXPECT_EQ(refused_field(R"({"tools":[7]})"), "tools");
  EXPECT_EQ(refused_field(R"({"tools":[{"type":"function","function":{"name":"f"}},{"name":"g","input_schema":{}}]})"),
            "(taken)");
}

TEST(LanguageRequest, TheJsonOfCallsIsNoDeeperThanAStack) {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  const auto called = [](const std::string& json) {
    return R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":")" + json +
           "\"}}]}]}";
  };
  const auto said = [](const std::string& who, const std::string& json) {
    return R"({"messages":[{"role":")" + who + R"(","content":[{"type":"text","text":")" + json + "\"}]}]}";
  };
  EXPECT_EQ(refused_field(called(nested(100))), "(taken)");
  EXPECT_EQ(refused_field(called(nested(200))), "messages");
  EXPECT_EQ(refused_field(called(nested(100'000))), "messages");
  EXPECT_EQ(refused_field(said("tool", " " + nested(200))), "messages");
  EXPECT_EQ(refused_field(said("tool", "see " + nested(200))), "(taken)");
  EXPECT_EQ(refused_field(said("user", nested(200))), "(taken)");
  const std::string result = R"({"messages":[{"role":"user","content":[{"type":"tool_result","content":")";
  EXPECT_EQ(refused_field(result + nested(200) + "\"}]}]}"), "messages");
  EXPECT_EQ(refused_field(R"({"input":[{"type":"function_call","arguments":")" + nested(200) + "\"}]}"), "input");
  EXPECT_EQ(refused_field(R"({"input":[{"type":"function_call_output","output":")" + nested(200) + "\"}]}"), "input");
}

TEST(LanguageRequest, WhatIsNoRequestIsSaidSo) {
  for (const std::string body :
       {"", "[]", "nonsense", "{\"model\":7}", "{\"stream\":\"yes\"}", "\"a\"", "{\"a\":1e999}"})
    EXPECT_FALSE(parse(body)) << body;
  EXPECT_FALSE(parse(std::string(100'000, '[')));
  EXPECT_EQ(refused_field(R"({"prompt":{"prompt_string":"a","multimodal_data":[]}})"), "prompt");
}

}  // namespace
}  // namespace hearth::wire
