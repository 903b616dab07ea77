#include "engines/llama/refusal.h"

#include <gtest/gtest.h>

namespace hearth::engines::llama {
namespace {

Refusal thrown(const std::string& what, const std::string& request) {
  return refusal_of_exception(what, json::parse(request));
}

Refusal failed(const std::string& message, const std::string& request, int status = 500) {
  return refusal_of_error(json{{"code", status}, {"type", "server_error"}, {"message", message}}, json::parse(request));
}

TEST(Refusal, NamesTheFieldThatHasAWrongValue) {
  const Refusal refusal = thrown("Field 'top_k': Value must be between 0 <= value <= 40, but got 41", "{}");
  EXPECT_STREQ(refusal.what(), "'top_k' must be from 0 to 40, not 41");
  EXPECT_EQ(refusal.param, "top_k");
  EXPECT_EQ(refusal.status, 400);
}

TEST(Refusal, KeepsTheMarksOfTheJsonLibraryToItself) {
  const Refusal refusal =
      thrown("Field 'max_tokens': [json.exception.type_error.302] type must be number, but is string", "{}");
  EXPECT_STREQ(refusal.what(), "'max_tokens': type must be number, but is string");
  EXPECT_EQ(refusal.param, "max_tokens");
  EXPECT_STREQ(thrown("[json.exception.out_of_range.403] key 'role' not found", "{}").what(), "key 'role' not found");
  const Refusal messages = thrown("Failed to parse messages: Missing 'role' in message: 5; messages = [5]", "{}");
  EXPECT_STREQ(messages.what(), "'messages' cannot be read: Missing 'role' in message: 5");
  EXPECT_EQ(messages.param, "messages");
}

TEST(Refusal, NamesNoLibrary) {
  const Refusal refusal = thrown("'input_file' is not supported by llamacpp at this moment", "{}");
  EXPECT_STREQ(refusal.what(), "'input_file' is not supported by this server at this moment");
}

TEST(Refusal, TakesTheFieldFromAQuotedWordOfTheRequest) {
  EXPECT_EQ(thrown("Expected 'messages' to be an array", "{}").param, "messages");
  EXPECT_EQ(thrown("'tools' must be an array of objects", R"({"tools":{}})").param, "tools");
  EXPECT_EQ(thrown("Expected 'content' to be a string or an array", R"({"messages":[]})").param, "");
  EXPECT_EQ(thrown("it's", "{}").param, "");
}

TEST(Refusal, ASchemaThatCannotBeCompiledIsTheFieldsThatBroughtIt) {
  const std::string what = "JSON schema conversion failed:\nUnrecognized schema: {\"type\":\"x\"}";
  const Refusal chat = thrown(what, R"({"response_format":{"type":"json_schema"}})");
  EXPECT_EQ(chat.param, "response_format");
  EXPECT_STREQ(chat.what(), "'response_format' cannot be compiled: Unrecognized schema: {\"type\":\"x\"}");
  EXPECT_EQ(thrown("Field 'json_schema': \"json_schema\": " + what, R"({"json_schema":{"type":"x"}})").param,
            "json_schema");
}

TEST(Refusal, AGrammarThatNothingFitsIsTheClientsAffair) {
  const std::string message = "got exception: Unexpected empty grammar stack after accepting piece: a (64)";
  const Refusal refusal = failed(message, R"({"grammar":"root ::= [^\\x00-\\U0010FFFF]"})");
  EXPECT_EQ(refusal.status, 400);
  EXPECT_EQ(refusal.param, "grammar");
  EXPECT_FALSE(refusal.is_engine_failure());
  EXPECT_EQ(failed(message, R"({"text":{"format":{"type":"json_schema"}}})").param, "text.format");
  EXPECT_EQ(failed(message, R"({"response_format":{"type":"json_object"}})").param, "response_format");
  EXPECT_EQ(failed(message, R"({"tools":[{}]})").param, "tools");
  EXPECT_STREQ(failed("Failed to initialize samplers: failed to parse grammar", R"({"grammar":"("})", 400).what(),
               "'grammar' cannot be compiled");
}

TEST(Refusal, AGrammarThatCostsTooMuchIsTheClientsAffair) {
  const std::string why = "the grammar can go on in too many ways";
  const Refusal read = failed("Failed to initialize samplers: " + why, R"({"grammar":"root ::= root2"})", 400);
  EXPECT_STREQ(read.what(), "'grammar' can go on in too many ways; make it simpler");
  EXPECT_EQ(read.param, "grammar");
  EXPECT_EQ(read.status, 400);
  const Refusal written = failed("got exception: " + why, R"({"response_format":{"type":"json_schema"}})");
  EXPECT_EQ(written.param, "response_format");
  EXPECT_EQ(written.status, 400);
}

TEST(Refusal, AFailureThatNoGrammarBroughtIsTheEngines) {
  EXPECT_TRUE(failed("got exception: Unexpected empty grammar stack", R"({"messages":[]})").is_engine_failure());
  EXPECT_TRUE(failed("Compute error.", R"({"grammar":"root ::= \"a\""})").is_engine_failure());
  EXPECT_FALSE(failed("busy", "{}", 503).is_engine_failure());
  EXPECT_FALSE(refusal_of_answer("not the expected format").is_engine_failure());
}

TEST(Refusal, ContextThatRunsOutIsNoFailureOfTheModel) {
  for (const char* message : {"Context size has been exceeded.", "decode() failed: Context size has been exceeded."}) {
    const Refusal refusal = failed(message, R"({"prompt":["a","b"]})");
    EXPECT_EQ(refusal.status, 400);
    EXPECT_EQ(refusal.code, "context_length_exceeded");
    EXPECT_FALSE(refusal.is_engine_failure());
  }
  EXPECT_EQ(failed("Context size has been exceeded.", R"({"grammar":"root ::= \"a\""})").code,
            "context_length_exceeded");
}

TEST(Refusal, CallsSamplersByTheNamesOfTheRequest) {
  const Refusal refusal =
      failed("Failed to initialize samplers: penalty_repeat must be finite and greater than 0", "{}", 400);
  EXPECT_STREQ(refusal.what(), "'repeat_penalty' must be finite and greater than 0");
  EXPECT_EQ(refusal.param, "repeat_penalty");
}

TEST(Refusal, SpeaksAsTheApiThatWasAsked) {
  const Refusal refusal(400, "invalid_value", "no", "n");
  EXPECT_EQ(error_document(engine::LanguageCall::kResponses, refusal).dump(),
            R"({"error":{"message":"no","type":"invalid_request_error","param":"n","code":"invalid_value"}})");
  EXPECT_EQ(error_document(engine::LanguageCall::kAnthropicMessages, refusal).dump(),
            R"({"type":"error","error":{"type":"invalid_request_error","message":"no"}})");
}

}  // namespace
}  // namespace hearth::engines::llama
