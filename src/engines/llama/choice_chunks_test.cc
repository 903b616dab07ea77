#include "engines/llama/choice_chunks.h"

#include <gtest/gtest.h>

namespace hearth::engines::llama {
namespace {

json delta(int index, const std::string& fields) {
  return json::parse(R"({"id":"x","choices":[{"finish_reason":null,"index":)" + std::to_string(index) + R"(,"delta":)" +
                     fields + "}]}");
}

json end_of_chat(int index, int prompt, int completion) {
  json usage = json::parse(R"({"id":"x","choices":[]})");
  usage["usage"] = json{{"completion_tokens", completion}, {"prompt_tokens", prompt}, {"total_tokens", 0}};
  return json::array({delta(index, "{}"), usage});
}

json piece(int index, const std::string& text, const std::string& logprobs = "null") {
  json chunk = json::parse(R"({"choices":[{"text":"","index":0,"logprobs":)" + logprobs + "}]}");
  chunk["choices"][std::size_t{0}]["index"] = index;
  chunk["choices"][std::size_t{0}]["text"] = text;
  return chunk;
}

const json& choice_of(const json& chunk) { return chunk.at("choices").at(std::size_t{0}); }

TEST(ChoiceChunks, AChoiceBeginsWithItsRoleWhateverFollows) {
  ChoiceChunks chunks({.choices = 2});
  const json first = chunks.on_chunks(delta(0, "{}"));
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(choice_of(first.at(std::size_t{0})).at("delta").dump(), R"({"role":"assistant","content":null})");
  EXPECT_EQ(chunks.on_chunks(delta(0, R"({"content":"a"})")).size(), 1U);
  const json other = chunks.on_chunks(delta(1, R"({"role":"assistant","content":null})"));
  EXPECT_EQ(other.size(), 1U);
}

TEST(ChoiceChunks, UsageOfAllChoicesComesOnceAndLast) {
  ChoiceChunks chunks({.choices = 2, .wants_usage = true});
  for (const int choice : {0, 1}) {
    const json sent = chunks.on_chunks(end_of_chat(choice, 10, 3 + choice));
    EXPECT_EQ(sent.dump().find("usage"), std::string::npos);
  }
  const json last = chunks.on_end();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last.at(std::size_t{0}).at("choices").dump(), "[]");
  const json& usage = last.at(std::size_t{0}).at("usage");
  EXPECT_EQ(usage.at("prompt_tokens").get<int>(), 10);
  EXPECT_EQ(usage.at("completion_tokens").get<int>(), 7);
  EXPECT_EQ(usage.at("total_tokens").get<int>(), 17);
}

TEST(ChoiceChunks, EachPromptIsCounted) {
  ChoiceChunks chunks({.choices = 1, .wants_usage = true, .is_chat = false});
  for (const int choice : {0, 1}) {
    json chunk = piece(choice, "a");
    chunk["usage"] = json{{"completion_tokens", 1}, {"prompt_tokens", 4}};
    EXPECT_FALSE(chunks.on_chunks(chunk).at(std::size_t{0}).contains("usage"));
  }
  EXPECT_EQ(chunks.on_end().at(std::size_t{0}).at("usage").at("prompt_tokens").get<int>(), 8);
}

TEST(ChoiceChunks, UsageThatNobodyAskedForIsNotSent) {
  ChoiceChunks chunks({.choices = 1});
  EXPECT_EQ(chunks.on_chunks(end_of_chat(0, 10, 3)).size(), 2U);  // the role and the end
  EXPECT_EQ(chunks.on_end().size(), 0U);
}

TEST(ChoiceChunks, AnEchoStandsBeforeTheFirstPieceOfEachAnswer) {
  ChoiceChunks chunks({.choices = 2, .is_chat = false, .echoes = {"One, ", "Two, "}});
  const auto text = [&](int choice, const char* said) {
    return choice_of(chunks.on_chunks(piece(choice, said)).at(std::size_t{0})).at("text").get<std::string>();
  };
  EXPECT_EQ(text(0, "a"), "One, a");
  EXPECT_EQ(text(3, "b"), "Two, b");
  EXPECT_EQ(text(0, "c"), "c");
}

constexpr const char* kContent =
    R"({"content":[{"token":"é","bytes":[195,169],"logprob":-0.5,"top_logprobs":[)"
    R"({"token":"é","bytes":[195,169],"logprob":-0.5},{"token":"","bytes":[226,128],"logprob":-2.0}]}]})";

TEST(ChoiceChunks, LogprobsOfATextAreListsOfItsTokens) {
  const json content = json::parse(kContent).at("content");
  EXPECT_EQ(token_lists(content, 5, true).dump(),
            R"({"tokens":["é"],"token_logprobs":[-0.5],"top_logprobs":[{"é":-0.5,"bytes:\\xe2\\x80":-2.0}],)"
            R"("text_offset":[5]})");
  EXPECT_TRUE(token_lists(content, 0, false).at("top_logprobs").is_null());
}

TEST(ChoiceChunks, OffsetsCountLettersAcrossPieces) {
  ChoiceChunks chunks({.choices = 1, .is_chat = false});
  for (const int expected : {0, 1, 2}) {
    const json sent = chunks.on_chunks(piece(0, "é", kContent));
    const json& offsets = choice_of(sent.at(std::size_t{0})).at("logprobs").at("text_offset");
    EXPECT_EQ(offsets.at(std::size_t{0}).get<int>(), expected);
  }
}

TEST(ChoiceChunks, WholeChoicesAreJoinedAndTheirPromptsCountedOnce) {
  json documents = json::array();
  for (const int index : {0, 1, 2, 3}) {
    json document = piece(index, "a", kContent);
    document["usage"] = json{{"completion_tokens", 2}, {"prompt_tokens", 5}, {"total_tokens", 7}};
    documents.push_back(document);
  }
  const json joined = join_choices(documents, {.choices = 2, .is_chat = false, .echoes = {"X", "Y"}});
  EXPECT_EQ(joined.at("choices").size(), 4U);
  EXPECT_EQ(joined.at("choices").at(std::size_t{2}).at("text").get<std::string>(), "Ya");
  EXPECT_TRUE(joined.at("choices").at(std::size_t{0}).at("logprobs").contains("tokens"));
  EXPECT_EQ(joined.at("usage").dump(), R"({"completion_tokens":8,"prompt_tokens":10,"total_tokens":18})");
}

TEST(ChoiceChunks, ChatsKeepTheirOwnFormOfLogprobs) {
  json document = delta(0, "{}");
  document["choices"][std::size_t{0}]["logprobs"] = json::parse(kContent);
  const json joined = join_choices(json::array({document}), {.choices = 1});
  EXPECT_TRUE(choice_of(joined).at("logprobs").contains("content"));
}

}  // namespace
}  // namespace hearth::engines::llama
