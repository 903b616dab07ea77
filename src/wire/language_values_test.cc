#include "wire/language_values.h"

#include <gtest/gtest.h>

#include <string>

namespace hearth::wire {
namespace {

using Shape = LanguageShape;
constexpr Shape kWriting[] = {Shape::kChat, Shape::kCompletion, Shape::kResponse, Shape::kMessage};

/// What is wrong with a request of these fields.
std::string refused(const std::string& fields, Shape shape = Shape::kChat) {
  const auto request = parse_language_request("{" + fields + "}", shape);
  return request ? "(taken)" : request.error().param.value_or("(none)");
}

std::string role(const std::string& word) { return R"("messages":[{"role":")" + word + R"(","content":"a"}])"; }

constexpr const char* kTool = R"("tools":[{"type":"function","function":{"name":"f"}}])";

TEST(LanguageValues, SamplingIsWithinItsReference) {
  for (const Shape shape : kWriting) {
    for (const char* wrong : {"-1", "99", "\"hot\"", "[0]"}) {
      EXPECT_EQ(refused(std::string("\"temperature\":") + wrong, shape), "temperature") << wrong;
    }
    EXPECT_EQ(refused(R"("top_p":5)", shape), "top_p");
    EXPECT_EQ(refused(R"("top_p":-0.1)", shape), "top_p");
    EXPECT_EQ(refused(R"("presence_penalty":2.5)", shape), "presence_penalty");
    EXPECT_EQ(refused(R"("frequency_penalty":-3)", shape), "frequency_penalty");
    EXPECT_EQ(refused(R"("temperature":0,"top_p":1,"presence_penalty":-2,"frequency_penalty":2)", shape), "(taken)");
    EXPECT_EQ(refused(R"("temperature":2,"top_p":null,"min_p":0.1,"top_k":-1,"repeat_penalty":1.1)", shape), "(taken)");
  }
}

TEST(LanguageValues, WhatTheCommandLineOffersIsTaken) { EXPECT_EQ(refused(R"("temperature":5)"), "(taken)"); }

TEST(LanguageValues, StopIsWordsThatCanBeWritten) {
  for (const Shape shape : {Shape::kChat, Shape::kCompletion}) {
    for (const char* wrong : {"5", "[\"\"]", "\"\"", "[5]", "{}", "true", "[\"a\",null]"})
      EXPECT_EQ(refused(std::string("\"stop\":") + wrong, shape), "stop") << wrong;
    for (const char* right : {"\"a\"", "[\"a\",\"b\"]", "[]", "null", R"(["a","b","c","d","e"])"})
      EXPECT_EQ(refused(std::string("\"stop\":") + right, shape), "(taken)") << right;
  }
  EXPECT_EQ(refused(R"("stop_sequences":[""])", Shape::kMessage), "stop_sequences");
  EXPECT_EQ(refused(R"("stop_sequences":["a"])", Shape::kMessage), "(taken)");
}

TEST(LanguageValues, StopWordsAreCounted) {
  std::string words = "\"a\"";
  for (int i = 1; i < 16; ++i) words += ",\"a\"";
  EXPECT_EQ(refused("\"stop\":[" + words + "]"), "(taken)");
  EXPECT_EQ(refused("\"stop\":[" + words + ",\"a\"]"), "stop");
  EXPECT_EQ(refused("\"stop_sequences\":[" + words + ",\"a\"]", Shape::kMessage), "(taken)");
}

TEST(LanguageValues, AFormatIsAnObjectOfAKnownType) {
  for (const Shape shape : {Shape::kChat, Shape::kCompletion}) {
    for (const char* wrong : {"\"json\"", "7", "[]", "{}", R"({"type":"xml"})", R"({"type":7})"})
      EXPECT_EQ(refused(std::string("\"response_format\":") + wrong, shape), "response_format") << wrong;
    for (const char* right : {"null", R"({"type":"text"})", R"({"type":"json_object"})",
                              R"({"type":"json_schema","json_schema":{"schema":{}}})"})
      EXPECT_EQ(refused(std::string("\"response_format\":") + right, shape), "(taken)") << right;
  }
  EXPECT_EQ(refused(R"("text":"json")", Shape::kResponse), "text");
  EXPECT_EQ(refused(R"("text":{"format":"json"})", Shape::kResponse), "text.format");
  EXPECT_EQ(refused(R"("text":{"format":{"type":"xml"}})", Shape::kResponse), "text.format");
  EXPECT_EQ(refused(R"("text":{"verbosity":"low","format":{"type":"json_object"}})", Shape::kResponse), "(taken)");
}

TEST(LanguageValues, AToolIsOnlyWantedWhereThereIsOne) {
  for (const Shape shape : {Shape::kChat, Shape::kResponse}) {
    const std::string named = R"("tool_choice":{"type":"function","name":"f","function":{"name":"f"}})";
    for (const std::string& wants : {std::string(R"("tool_choice":"required")"), named}) {
      EXPECT_EQ(refused(wants, shape), "tool_choice") << wants;
      EXPECT_EQ(refused(wants + ",\"tools\":[]", shape), "tool_choice") << wants;
      EXPECT_EQ(refused(wants + "," + kTool, shape), "(taken)") << wants;
    }
    for (const char* wrong : {"\"perhaps\"", "7", "true", "[]"})
      EXPECT_EQ(refused(std::string("\"tool_choice\":") + wrong + "," + kTool, shape), "tool_choice") << wrong;
    for (const char* right : {"\"none\"", "\"auto\"", "null"})
      EXPECT_EQ(refused(std::string("\"tool_choice\":") + right, shape), "(taken)") << right;
  }
}

TEST(LanguageValues, AnthropicsToolChoiceIsAnObject) {
  const auto choose = [](const std::string& choice, const std::string& more = {}) {
    return refused("\"tool_choice\":" + choice + more, Shape::kMessage);
  };
  const std::string tools = R"(,"tools":[{"name":"g","input_schema":{}}])";
  EXPECT_EQ(choose("\"auto\""), "tool_choice");
  EXPECT_EQ(choose(R"({"type":"required"})", tools), "tool_choice");
  EXPECT_EQ(choose("{}"), "tool_choice");
  EXPECT_EQ(choose(R"({"type":"any"})"), "tool_choice");
  EXPECT_EQ(choose(R"({"type":"tool","name":"g"})"), "tool_choice");
  EXPECT_EQ(choose(R"({"type":"any"})", tools), "(taken)");
  EXPECT_EQ(choose(R"({"type":"tool","name":"g"})", tools), "(taken)");
  EXPECT_EQ(choose(R"({"type":"auto"})"), "(taken)");
  EXPECT_EQ(choose(R"({"type":"none"})"), "(taken)");
}

TEST(LanguageValues, RolesAreKnownWords) {
  for (const char* word : {"system", "developer", "user", "assistant", "tool", "function"})
    EXPECT_EQ(refused(role(word)), "(taken)") << word;
  for (const char* word : {"banana", "", "User"}) {
    EXPECT_EQ(refused(role(word)), "messages") << word;
    EXPECT_EQ(refused(role(word), Shape::kMessage), "messages") << word;
  }
  EXPECT_EQ(refused(R"("messages":[{"role":7,"content":"a"}])"), "messages");
  EXPECT_EQ(refused(R"("input":[{"role":"banana","content":"a"}])", Shape::kResponse), "input");
  EXPECT_EQ(refused(R"("input":[{"type":"function_call_output","call_id":"a","output":"b"}])", Shape::kResponse),
            "(taken)");
}

TEST(LanguageValues, ARuleHoldsOnlyWhereItsFieldIs) {
  EXPECT_EQ(refused(R"("temperature":99,"stop":5,"tool_choice":"perhaps","response_format":"json","input":"a")",
                    Shape::kOther),
            "(taken)");
  EXPECT_EQ(refused(R"("tool_choice":"perhaps","prompt":"a")", Shape::kCompletion), "(taken)");
  EXPECT_EQ(refused(R"("text":"a")", Shape::kChat), "(taken)");
  EXPECT_EQ(refused(R"("response_format":"json","input":"a")", Shape::kResponse), "(taken)");
}

}  // namespace
}  // namespace hearth::wire
