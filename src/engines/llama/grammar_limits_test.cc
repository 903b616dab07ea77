#include "engines/llama/grammar_limits.h"

#include <gtest/gtest.h>

#include <string>

#include "engines/llama/refusal.h"

namespace hearth::engines::llama {
namespace {

/// What a request is refused for: "field: why". Empty: it is taken.
std::string refused(const std::string& request) {
  try {
    check_grammar_limits(json::parse(request));
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.status, 400);
    return refusal.param + ": " + refusal.what();
  }
  return {};
}

std::string schema(const std::string& text) { return R"({"json_schema":)" + text + "}"; }

std::string grammar(const std::string& gbnf) {
  json request = json::object();
  request["grammar"] = gbnf;
  return request.dump();
}

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

/// {"p0":{},"p1":{}, …}
std::string properties(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + "\":{}";
  return "{" + out + "}";
}

TEST(GrammarLimits, BracketsMayStandInOneAnother) {
  const auto nested = [](int n) { return grammar("root ::= " + repeated("(", n) + "\"a\"" + repeated(")", n)); };
  EXPECT_EQ(refused(nested(kMaxGrammarDepth)), "");
  EXPECT_EQ(refused(nested(kMaxGrammarDepth + 1)),
            "grammar: 'grammar' has brackets 65 deep in one another; at most 64 are taken");
  EXPECT_NE(refused(grammar("root ::= " + repeated("(", 60'000))), "");
}

TEST(GrammarLimits, BracketsThatAreLettersCountForNothing) {
  const std::string many = repeated("(", 100);
  const std::string letters = "root ::= \"\\\"" + many + "\" [\\]" + many + "] # " + many + "\nx ::= <" + many + ">";
  EXPECT_EQ(refused(grammar(letters)), "");
  EXPECT_EQ(refused(grammar(repeated("(\"a\") ", 1'000))), "");
  EXPECT_NE(refused(grammar("root ::= \"a\" # remark\n" + many)), "");
}

TEST(GrammarLimits, SchemasOfUseAreTaken) {
  EXPECT_EQ(refused("{}"), "");
  EXPECT_EQ(refused(schema(R"({"properties":{"a":{"type":"string","minLength":1,"maxLength":9}}})")), "");
  EXPECT_EQ(refused(schema(R"({"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{
      "left":{"$ref":"#/$defs/tree"},"right":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/tree"}]}}}}})")),
            "");
  EXPECT_EQ(refused(schema(R"({"properties":)" + properties(kMaxProperties) + "}")), "");
  EXPECT_EQ(refused(schema(R"({"properties":{"$ref":{"type":"string"},"enum":{},"properties":{},"allOf":{}}})")), "");
  EXPECT_EQ(refused(schema("7")), "");  // llama.cpp says so
}

TEST(GrammarLimits, WhatASchemaHasIsCounted) {
  EXPECT_EQ(refused(schema(R"({"properties":)" + properties(257) + "}")),
            "json_schema: 'json_schema' has an object with 257 properties; at most 256 are taken");
  EXPECT_EQ(refused(schema(R"({"additionalProperties":true,"properties":{")" + repeated("x", 50'000) + "\":{}}}")),
            "json_schema: 'json_schema' has a property with a name of 50000 bytes; at most 128 are taken");
  EXPECT_NE(refused(schema(R"({"anyOf":[{})" + repeated(",{}", kMaxSchemaParts) + "]}")), "");
  EXPECT_NE(refused(schema(R"({"enum":[1)" + repeated(",1", kMaxSchemaParts) + "]}")), "");
  EXPECT_NE(refused(schema(R"({"$ref":"#/)" + repeated("_", 600) + "\"}")), "");
}

TEST(GrammarLimits, ALeastIsNotAboveItsMost) {
  EXPECT_EQ(refused(schema(R"({"type":"string","minLength":5,"maxLength":2})")),
            "json_schema: 'json_schema' has a 'minLength' above its 'maxLength'");
  EXPECT_EQ(refused(schema(R"({"type":"array","items":{"minItems":5,"maxItems":2}})")),
            "json_schema: 'json_schema' has a 'minItems' above its 'maxItems'");
  EXPECT_EQ(refused(schema(R"({"minItems":2,"maxItems":2})")), "");
}

TEST(GrammarLimits, AReferenceLeadsSomewhere) {
  const std::string circle = "json_schema: 'json_schema' has a $ref that leads to nothing but itself";
  EXPECT_EQ(refused(schema(R"({"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"$ref":"#/$defs/a"}}})")), circle);
  EXPECT_EQ(refused(schema(R"({"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"oneOf":[{"$ref":"#/$defs/a"}]}}})")),
            circle);
  EXPECT_EQ(refused(schema(R"({"$defs":[{"$ref":"#/$defs/00"}]})")), circle);
  EXPECT_EQ(refused(schema(R"({"$ref":"#/$defs/none"})")), "");  // llama.cpp says so
  EXPECT_EQ(refused(schema(R"({"$defs":[{"$ref":"#/$defs/7"},{"$ref":"#/$defs/x"},{"$ref":7}]})")), "");
}

TEST(GrammarLimits, WaysToOneTypeAreNotEndless) {
  std::string defs = R"("d0":{"type":"string"})";
  for (int i = 1; i <= 40; ++i) {
    const std::string reference = "{\"$ref\":\"#/$defs/d" + std::to_string(i - 1) + "\"}";
    defs += ",\"d" + std::to_string(i) + R"(":{"anyOf":[)" + reference + "," + reference + "]}";
  }
  EXPECT_EQ(refused(schema(R"({"$defs":{)" + defs + "}}")),
            "json_schema: 'json_schema' has too many references to alternatives");
}

TEST(GrammarLimits, EveryPlaceOfASchemaIsLookedAt) {
  const std::string bad = R"({"minItems":5,"maxItems":2})";
  const auto field = [](const std::string& request) {
    const std::string why = refused(request);
    return why.substr(0, why.find(':'));
  };
  EXPECT_EQ(field(R"({"response_format":{"type":"json_object","schema":)" + bad + "}}"), "response_format");
  EXPECT_EQ(field(R"({"response_format":{"type":"json_schema","json_schema":{"schema":)" + bad + "}}}"),
            "response_format");
  EXPECT_EQ(field(R"({"text":{"format":{"type":"json_schema","schema":)" + bad + "}}}"), "text.format");
  EXPECT_EQ(field(R"({"tools":[{"type":"function","function":{"name":"f","parameters":)" + bad + "}}]}"), "tools");
  EXPECT_EQ(field(R"({"tools":[{"type":"function","function":{},"name":"f","parameters":)" + bad + "}]}"), "tools");
  EXPECT_EQ(field(R"({"tools":[{"name":"f","input_schema":)" + bad + "}]}"), "tools");
}

TEST(GrammarLimits, ToolsAreCountedAndTheirNamesMeasured) {
  EXPECT_EQ(refused(R"({"tools":[{"name":")" + repeated("_", 129) + "\"}]}"),
            "tools: 'tools' has a name of 129 bytes; at most 128 are taken");
  EXPECT_EQ(refused(R"({"tools":[{"name":")" + repeated("_", 128) + "\"}]}"), "");
  EXPECT_EQ(refused(R"({"tools":[{})" + repeated(",{}", 512) + "]}"),
            "tools: 'tools' has 513 entries; at most 512 are taken");
}

}  // namespace
}  // namespace hearth::engines::llama
