#include "engines/llama/responses_request.h"

#include <gtest/gtest.h>

#include <string>

#include "engines/llama/refusal.h"

namespace hearth::engines::llama {
namespace {

json chat(const std::string& fields) { return chat_of_responses(json::parse(R"({"input":"Hi")" + fields + "}")); }

std::string refused_field(const std::string& fields) {
  try {
    static_cast<void>(chat(fields));
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.status, 400);
    EXPECT_EQ(std::string(refusal.what()).find("llama"), std::string::npos);
    return refusal.param;
  }
  return "taken";
}

TEST(ResponsesRequest, ATextFormatIsTheResponseFormatOfAChat) {
  const json body =
      chat(R"(,"text":{"format":{"type":"json_schema","name":"a","strict":true,"schema":{"type":"object"}}})");
  EXPECT_EQ(body.at("response_format").dump(),
            R"({"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":{"type":"object"}}})");
  EXPECT_FALSE(body.contains("text"));
  EXPECT_EQ(chat(R"(,"text":{"format":{"type":"json_object"}})").at("response_format").dump(),
            R"({"type":"json_object"})");
  EXPECT_FALSE(chat(R"(,"text":{"format":{"type":"text"},"verbosity":"low"})").contains("response_format"));
  EXPECT_FALSE(chat(R"(,"text":null)").contains("response_format"));
}

TEST(ResponsesRequest, ATextFormatThatIsNoneIsRefused) {
  EXPECT_EQ(refused_field(R"(,"text":{"format":{"type":"xml"}})"), "text.format");
  EXPECT_EQ(refused_field(R"(,"text":{"format":"json_object"})"), "text.format");
  EXPECT_EQ(refused_field(R"(,"text":{"format":{"type":"json_schema","name":"a"}})"), "text.format.schema");
  EXPECT_EQ(refused_field(R"(,"text":"json")"), "text");
}

TEST(ResponsesRequest, WhatWouldHaveToBeKeptIsRefusedByName) {
  EXPECT_EQ(refused_field(R"(,"previous_response_id":"resp_1")"), "previous_response_id");
  EXPECT_EQ(refused_field(R"(,"conversation":{"id":"c"})"), "conversation");
  EXPECT_EQ(refused_field(R"(,"background":true)"), "background");
  EXPECT_EQ(refused_field(R"(,"background":false,"previous_response_id":null,"store":true)"), "taken");
}

TEST(ResponsesRequest, AResponseIsOneAnswer) {
  EXPECT_EQ(refused_field(R"(,"n":2)"), "n");
  EXPECT_EQ(refused_field(R"(,"n":1)"), "taken");
}

TEST(ResponsesRequest, NullIsNotGiven) {
  const json body = chat(R"(,"instructions":null,"max_output_tokens":null,"reasoning":null,"tools":null)");
  EXPECT_EQ(body.at("messages").size(), 1U);
  EXPECT_FALSE(body.contains("max_tokens"));
}

}  // namespace
}  // namespace hearth::engines::llama
