#include "engines/llama/response_events.h"

#include <gtest/gtest.h>

namespace hearth::engines::llama {
namespace {

ResponseEnd end_of(bool is_cut) {
  return {.is_cut = is_cut, .input_tokens = 7, .cached_tokens = 2, .output_tokens = 5, .timings = {}};
}

common_chat_msg_diff text(const std::string& delta) {
  common_chat_msg_diff piece;
  piece.content_delta = delta;
  return piece;
}

common_chat_msg_diff thought(const std::string& delta) {
  common_chat_msg_diff piece;
  piece.reasoning_content_delta = delta;
  return piece;
}

common_chat_msg_diff call(std::size_t index, const std::string& name, const std::string& arguments) {
  common_chat_msg_diff piece;
  piece.tool_call_index = index;
  piece.tool_call_delta.name = name;
  piece.tool_call_delta.arguments = arguments;
  if (!name.empty()) piece.tool_call_delta.id = "id" + std::to_string(index);
  return piece;
}

/// An answer and its events so far.
struct Answer {
  explicit Answer(const std::string& request = "{}") : events(json::parse(request), "tiny", 1'700'000'000) {}
  void keep(const json& list) {
    for (const json& event : list) all.push_back(event);
  }
  [[nodiscard]] std::vector<std::string> types() const {
    std::vector<std::string> names;
    for (const json& event : all) names.push_back(event.at("event").get<std::string>());
    return names;
  }
  [[nodiscard]] const json& data(std::size_t index) const { return all.at(index).at("data"); }
  [[nodiscard]] const json& response() const { return all.back().at("data").at("response"); }

  ResponseEvents events;
  std::vector<json> all;
};

const std::vector<std::string> kBegin = {"response.created", "response.in_progress"};

std::vector<std::string> after_begin(std::vector<std::string> rest) {
  rest.insert(rest.begin(), kBegin.begin(), kBegin.end());
  return rest;
}

TEST(ResponseEvents, ATextHasTheEventsOfTheApiInTheirOrder) {
  Answer answer;
  answer.keep(answer.events.on_pieces({text("Hel")}));
  answer.keep(answer.events.on_pieces({text("lo")}));
  answer.keep(answer.events.on_end(end_of(false)));
  EXPECT_EQ(answer.types(),
            after_begin({"response.output_item.added", "response.content_part.added", "response.output_text.delta",
                         "response.output_text.delta", "response.output_text.done", "response.content_part.done",
                         "response.output_item.done", "response.completed"}));
  EXPECT_EQ(answer.data(6).at("text").get<std::string>(), "Hello");
  EXPECT_EQ(answer.response().at("status").get<std::string>(), "completed");
  EXPECT_EQ(answer.response().at("output").at(std::size_t{0}).dump(), answer.data(8).at("item").dump());
}

TEST(ResponseEvents, EveryEventHasItsNumberAndItsPlace) {
  Answer answer;
  answer.keep(answer.events.on_pieces({thought("hm"), text("yes")}));
  answer.keep(answer.events.on_end(end_of(false)));
  for (std::size_t i = 0; i < answer.all.size(); ++i) {
    const json& data = answer.data(i);
    EXPECT_EQ(data.at("sequence_number").get<int>(), static_cast<int>(i));
    EXPECT_EQ(data.at("type").get<std::string>(), answer.types()[i]);
    if (data.contains("response")) continue;
    ASSERT_TRUE(data.contains("output_index")) << answer.types()[i];
    const bool is_item = data.contains("item");
    EXPECT_EQ(data.contains("content_index"), !is_item) << answer.types()[i];
    EXPECT_EQ(data.contains("item_id"), !is_item) << answer.types()[i];
  }
}

TEST(ResponseEvents, ThoughtsAreAnItemBeforeTheText) {
  Answer answer;
  answer.keep(answer.events.on_pieces({thought("hm"), text("yes")}));
  EXPECT_EQ(answer.types(),
            after_begin({"response.output_item.added", "response.content_part.added", "response.reasoning_text.delta",
                         "response.reasoning_text.done", "response.content_part.done", "response.output_item.done",
                         "response.output_item.added", "response.content_part.added", "response.output_text.delta"}));
  EXPECT_EQ(answer.data(10).at("output_index").get<int>(), 1);
}

TEST(ResponseEvents, TheFirstEventHasModelAndOutputAndWhatWasAskedFor) {
  Answer answer(R"({"temperature":0.5,"tools":[{"type":"function","name":"f"}]})");
  answer.keep(answer.events.on_pieces({}));
  const json& response = answer.data(0).at("response");
  EXPECT_EQ(response.at("model").get<std::string>(), "tiny");
  EXPECT_EQ(response.at("output").dump(), "[]");
  EXPECT_EQ(response.at("status").get<std::string>(), "in_progress");
  EXPECT_EQ(response.at("temperature").dump(), "0.5");
  EXPECT_EQ(response.at("tools").size(), 1U);
  EXPECT_EQ(response.at("tool_choice").get<std::string>(), "auto");
  EXPECT_EQ(response.at("text").dump(), R"({"format":{"type":"text"}})");
  EXPECT_TRUE(response.at("usage").is_null());
}

TEST(ResponseEvents, WhatTheLimitCutsIsIncomplete) {
  Answer answer;
  answer.keep(answer.events.on_pieces({text("Once upon")}));
  answer.keep(answer.events.on_end(end_of(true)));
  EXPECT_EQ(answer.types().back(), "response.incomplete");
  EXPECT_EQ(answer.response().at("status").get<std::string>(), "incomplete");
  EXPECT_EQ(answer.response().at("incomplete_details").dump(), R"({"reason":"max_output_tokens"})");
  EXPECT_EQ(answer.response().at("output").at(std::size_t{0}).at("status").get<std::string>(), "incomplete");
  EXPECT_EQ(answer.response().at("usage").at("total_tokens").get<int>(), 12);
}

TEST(ResponseEvents, AnAnswerWithoutAWordBeginsAndEnds) {
  Answer answer;
  answer.keep(answer.events.on_end(end_of(true)));
  EXPECT_EQ(answer.types(), after_begin({"response.incomplete"}));
  EXPECT_EQ(answer.response().at("output").dump(), "[]");
}

TEST(ResponseEvents, ACallGrowsItsNameBeforeItIsTold) {
  Answer answer;
  answer.keep(answer.events.on_pieces({call(0, "wea", "")}));
  EXPECT_EQ(answer.types(), kBegin);
  answer.keep(answer.events.on_pieces({call(0, "weather", "{\"city\":")}));
  answer.keep(answer.events.on_pieces({call(0, "", "\"Rome\"}")}));
  answer.keep(answer.events.on_end(end_of(false)));
  EXPECT_EQ(answer.types(),
            after_begin({"response.output_item.added", "response.function_call_arguments.delta",
                         "response.function_call_arguments.delta", "response.function_call_arguments.done",
                         "response.output_item.done", "response.completed"}));
  const json& item = answer.data(6).at("item");
  EXPECT_EQ(item.at("name").get<std::string>(), "weather");
  EXPECT_EQ(item.at("arguments").get<std::string>(), R"({"city":"Rome"})");
  EXPECT_EQ(item.at("call_id").get<std::string>(), "call_id0");
}

TEST(ResponseEvents, TwoCallsAndATextBetweenThemKeepApart) {
  Answer answer;
  answer.keep(answer.events.on_pieces({text("a"), call(0, "f", "{")}));
  answer.keep(answer.events.on_pieces({text("b"), call(0, "", "}"), call(1, "g", "{}")}));
  answer.keep(answer.events.on_end(end_of(false)));
  const json& output = answer.response().at("output");
  ASSERT_EQ(output.size(), 4U);
  EXPECT_EQ(output.at(std::size_t{1}).at("arguments").get<std::string>(), "{}");
  EXPECT_EQ(output.at(std::size_t{3}).at("name").get<std::string>(), "g");
  EXPECT_EQ(answer.types().back(), "response.completed");
}

TEST(ResponseEvents, AnErrorHasTheFieldsOfTheClientsTypeAndWhatTheyRaise) {
  Answer answer;
  answer.keep(answer.events.on_pieces({text("a")}));
  answer.keep(answer.events.on_error(Refusal(400, "invalid_value", "no way on", "text.format")));
  const json& data = answer.all.back().at("data");
  EXPECT_EQ(answer.types().back(), "error");
  EXPECT_EQ(data.at("type").get<std::string>(), "error");
  EXPECT_EQ(data.at("message").get<std::string>(), "no way on");
  EXPECT_EQ(data.at("param").get<std::string>(), "text.format");
  EXPECT_EQ(data.at("error").at("message").get<std::string>(), "no way on");
  EXPECT_EQ(data.at("sequence_number").get<int>(), static_cast<int>(answer.all.size()) - 1);
}

TEST(ResponseEvents, TheWholeAnswerIsWhatTheLastEventHas) {
  common_chat_msg message;
  message.reasoning_content = "hm";
  message.content = "yes";
  const json whole = response_document(json::parse("{}"), "tiny", 1, message, end_of(false));
  EXPECT_EQ(whole.at("object").get<std::string>(), "response");
  EXPECT_EQ(whole.at("output").size(), 2U);
  EXPECT_EQ(whole.at("output").at(std::size_t{1}).at("content").at(std::size_t{0}).at("text").get<std::string>(),
            "yes");
  EXPECT_EQ(whole.at("usage").at("input_tokens_details").at("cached_tokens").get<int>(), 2);
}

}  // namespace
}  // namespace hearth::engines::llama
