#include "engines/llama/gguf_check.h"

#include <gtest/gtest.h>

#include <fstream>

#include "engines/llama/gguf_for_test.h"
#include "testing/temp_dir.h"

namespace hearth::engines::llama {
namespace {

using base::Code;

base::Result<GgufSummary> check(const std::string& bytes) {
  return check_gguf(std::as_bytes(std::span(bytes)), GgufDepth::kWhole);
}

::testing::AssertionResult is_corrupt(const std::string& bytes, std::string_view why) {
  const auto summary = check(bytes);
  if (summary) return ::testing::AssertionFailure() << "it passed";
  if (summary.error().code != Code::kCorrupt && summary.error().code != Code::kUnsupported)
    return ::testing::AssertionFailure() << base::code_name(summary.error().code);
  if (summary.error().message.find(why) == std::string::npos)
    return ::testing::AssertionFailure() << summary.error().message;
  return ::testing::AssertionSuccess();
}

TEST(GgufCheck, TellsWhatAStartWantsToKnow) {
  const auto summary = check(small_gguf().field("llama.pooling_type", std::uint32_t{1}).bytes(192));
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->architecture, "llama");
  EXPECT_EQ(summary->training_context, 2048);
  EXPECT_EQ(summary->tokens, 3);
  EXPECT_EQ(summary->tensors, 2);
  EXPECT_EQ(summary->pooling, 1);
  EXPECT_EQ(summary->split_count, 1);
}

TEST(GgufCheck, AFileCutAtAnyByteIsRefused) {
  const std::string whole = small_gguf().bytes(192);
  ASSERT_TRUE(check(whole));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(check(whole.substr(0, length))) << "cut at " << length;
}

TEST(GgufCheck, NoDamagedByteReadsBeyondTheFile) {  // the sanitizers watch
  const std::string whole = small_gguf().bytes(192);
  for (std::size_t at = 0; at < whole.size() - 192; ++at) {
    for (const char value : {'\0', '\1', '\x7f', '\x80', '\xff'}) {
      std::string damaged = whole;
      damaged[at] = value;
      static_cast<void>(check(damaged));
    }
  }
}

TEST(GgufCheck, CountsThatNoFileHasAreRefusedBeforeTheyAreBelieved) {
  GgufBuilder many = small_gguf();
  many.tensor_count = 1ULL << 60;
  EXPECT_TRUE(is_corrupt(many.bytes(0).substr(0, 400), "tensors"));
  many = small_gguf();
  many.field_count = 1ULL << 60;
  EXPECT_TRUE(is_corrupt(many.bytes(192), "fields"));
  const std::string huge = GgufBuilder::raw<std::uint32_t>(8) + GgufBuilder::raw<std::uint64_t>(1ULL << 61);
  EXPECT_TRUE(is_corrupt(GgufBuilder().field("x", 9, huge).bytes(), "longer than the file"));
  const std::string wide = GgufBuilder::raw<std::uint32_t>(12) + GgufBuilder::raw<std::uint64_t>((1ULL << 61) + 1);
  EXPECT_TRUE(is_corrupt(GgufBuilder().field("x", 9, wide).bytes(), "longer than the file"));
}

TEST(GgufCheck, TokensOccurOnce) {  // llama.cpp aborts the process where they do not
  GgufBuilder builder;
  builder.field("general.architecture", "llama").texts("tokenizer.ggml.tokens", {"a", "b", "a"});
  EXPECT_TRUE(is_corrupt(builder.bytes(), "token 2 is there before"));
}

TEST(GgufCheck, ListsThatGoWithTheVocabularyFitIt) {
  const std::string two =
      GgufBuilder::raw<std::uint32_t>(6) + GgufBuilder::raw<std::uint64_t>(2) + std::string(8, '\0');
  EXPECT_TRUE(is_corrupt(small_gguf().field("tokenizer.ggml.scores", 9, two).bytes(192), "scores"));
  EXPECT_TRUE(
      is_corrupt(small_gguf().field("tokenizer.ggml.eos_token_id", std::uint32_t{3}).bytes(192), "eos_token_id"));
  EXPECT_TRUE(check(small_gguf().field("tokenizer.ggml.unk_token_id", ~std::uint32_t{0}).bytes(192)));
}

TEST(GgufCheck, TensorsLieOneAfterTheOtherWithinTheFile) {
  EXPECT_TRUE(is_corrupt(small_gguf().bytes(100), "cut short"));
  EXPECT_TRUE(is_corrupt(small_gguf().tensor("far", {8}, 1ULL << 40).bytes(192), "not 192"));
  EXPECT_TRUE(is_corrupt(small_gguf().tensor("big", {1ULL << 40, 1ULL << 40}, 192).bytes(192), "impossible shape"));
  EXPECT_TRUE(is_corrupt(small_gguf().tensor("output.weight", {8}, 192).bytes(300), "occurs twice"));
  EXPECT_TRUE(is_corrupt(small_gguf().tensor("odd", {8}, 192, 9999).bytes(300), "unknown type"));
  EXPECT_TRUE(is_corrupt(small_gguf().tensor("rows", {8}, 192, 2).bytes(300), "multiple of 32"));
}

TEST(GgufCheck, OtherVersionsAreToldFromDamage) {
  GgufBuilder old = small_gguf();
  old.version = 1;
  EXPECT_EQ(check(old.bytes(192)).error().code, Code::kUnsupported);
  old.version = 0x03000000;
  EXPECT_TRUE(is_corrupt(old.bytes(192), "big-endian"));
}

TEST(GgufCheck, AMissingPartIsNamed) {
  const testing::TempDir folder;
  const auto write = [&](std::string_view name, std::uint16_t index) {
    GgufBuilder builder = index == 0 ? small_gguf() : GgufBuilder();
    builder.field("split.count", 2, GgufBuilder::raw<std::uint16_t>(3)).field("split.no", 2, GgufBuilder::raw(index));
    std::ofstream(folder.path() / name, std::ios::binary) << builder.bytes(192);
  };
  write("m-00001-of-00003.gguf", 0);
  write("m-00003-of-00003.gguf", 2);
  const auto missing = check_gguf_file(folder.path() / "m-00001-of-00003.gguf", GgufDepth::kWhole);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_NE(missing.error().message.find("m-00002-of-00003.gguf"), std::string::npos);
  write("m-00002-of-00003.gguf", 1);
  EXPECT_TRUE(check_gguf_file(folder.path() / "m-00001-of-00003.gguf", GgufDepth::kWhole));
  EXPECT_EQ(check_gguf_file(folder.path() / "m-00002-of-00003.gguf", GgufDepth::kWhole).error().code,
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace hearth::engines::llama
