#include "engines/llama/anthropic_answer.h"

#include <gtest/gtest.h>

#include <vector>

namespace hearth::engines::llama {
namespace {

const MessageHead kHead{.id = "msg_1", .model = "tiny", .prompt_tokens = 9, .cached_tokens = 4};

std::string mended(const char* answer, const char* request) {
  json document = json::parse(answer);
  mend_stop(document, json::parse(request));
  return document.dump();
}

std::vector<std::string> types_of(const json& events) {
  std::vector<std::string> types;
  for (const json& event : events) types.push_back(event.at("event").get<std::string>());
  return types;
}

TEST(AnthropicAnswer, AStopSequenceOfTheRequestIsTheReason) {
  EXPECT_EQ(mended(R"({"stop_reason":"end_turn","stop_sequence":"END"})", R"({"stop_sequences":["x","END"]})"),
            R"({"stop_reason":"stop_sequence","stop_sequence":"END"})");
}

TEST(AnthropicAnswer, TheTemplatesOwnStopsAreNotTold) {
  EXPECT_EQ(mended(R"({"stop_reason":"end_turn","stop_sequence":"<|im_end|>"})", R"({"stop_sequences":["END"]})"),
            R"({"stop_reason":"end_turn","stop_sequence":null})");
  EXPECT_EQ(mended(R"({"stop_reason":"max_tokens","stop_sequence":null})", R"({"stop_sequences":[""]})"),
            R"({"stop_reason":"max_tokens","stop_sequence":null})");
  EXPECT_EQ(mended(R"({"stop_reason":"end_turn","stop_sequence":null})", R"({"stop_sequences":"END"})"),
            R"({"stop_reason":"end_turn","stop_sequence":null})");
}

TEST(AnthropicAnswer, AStreamBeginsWithItsMessageWhateverFollows) {
  MessageEvents message(json::object());
  const json last =
      json::parse(R"([{"event":"message_delta","data":{"delta":{"stop_reason":"max_tokens","stop_sequence":null}}},)"
                  R"({"event":"message_stop","data":{"type":"message_stop"}}])");
  const json sent = message.on_events(last, kHead);
  EXPECT_EQ(types_of(sent), (std::vector<std::string>{"message_start", "message_delta", "message_stop"}));
  const json& head = sent.at(std::size_t{0}).at("data").at("message");
  EXPECT_EQ(head.at("id").get<std::string>(), "msg_1");
  EXPECT_EQ(head.at("usage").at("input_tokens").get<int>(), 5);
}

TEST(AnthropicAnswer, NothingStartsTwice) {
  MessageEvents message(json::object());
  const json start =
      json::parse(R"([{"event":"message_start","data":{}},)"
                  R"({"event":"content_block_start","data":{"index":0,"content_block":{"type":"text","text":""}}}])");
  const json again =
      json::parse(R"([{"event":"content_block_start","data":{"index":0,"content_block":{"type":"text","text":""}}},)"
                  R"({"event":"content_block_delta","data":{"index":0}}])");
  EXPECT_EQ(types_of(message.on_events(start, kHead)),
            (std::vector<std::string>{"message_start", "content_block_start"}));
  EXPECT_EQ(types_of(message.on_events(again, kHead)), (std::vector<std::string>{"content_block_delta"}));
}

TEST(AnthropicAnswer, AToolsBlockStartsWithAnEmptyInput) {
  MessageEvents message(json::object());
  const json sent = message.on_events(
      json::parse(R"([{"event":"content_block_start","data":{"index":0,"content_block":{"type":"tool_use"}}}])"),
      kHead);
  EXPECT_EQ(sent.back().at("data").at("content_block").at("input").dump(), "{}");
}

}  // namespace
}  // namespace hearth::engines::llama
