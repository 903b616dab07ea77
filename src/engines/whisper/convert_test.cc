#include "engines/whisper/convert.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>

#include "audio/log_mel.h"
#include "base/files.h"
#include "engines/whisper/ggml_file.h"
#include "engines/whisper/half.h"
#include "engines/whisper/model_for_test.h"
#include "testing/temp_dir.h"

namespace hearth::engines::whisper {
namespace {

using base::Code;

std::span<const std::byte> as_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

base::Result<void> convert(const std::string& model, const std::string& vocabulary = ModelForTest::vocabulary()) {
  return convert_ct2(as_bytes(model), vocabulary, [](std::span<const std::byte>) { return base::Result<void>{}; }, {});
}

/// The data of the tensor `name` in a ggml file: what follows its name.
std::string tensor_data(const std::string& ggml, const std::string& name, std::size_t size) {
  const auto at = ggml.find(name);
  return at == std::string::npos ? std::string() : ggml.substr(at + name.size(), size);
}

TEST(Convert, AWholeModelBecomesAFileThatPassesTheCheck) {
  const std::string ggml = ModelForTest().ggml();
  const auto summary = check_ggml(as_bytes(ggml));
  ASSERT_TRUE(summary) << summary.error().line();
  EXPECT_EQ(summary->shape.vocabulary, 51'864);
  EXPECT_EQ(summary->shape.audio_layers, 1);
  EXPECT_EQ(summary->shape.text_heads, 1);
  EXPECT_EQ(summary->shape.mels, 80);
  EXPECT_FALSE(summary->is_multilingual());
}

TEST(Convert, FusedProjectionsAreParted) {
  ModelForTest model;
  constexpr std::size_t kRows = kStateForTest;
  std::vector<std::uint16_t> weight(3 * kRows * kRows);
  std::vector<std::uint16_t> bias(3 * kRows);
  for (std::size_t row = 0; row < 3 * kRows; ++row) {
    std::fill_n(weight.begin() + static_cast<std::ptrdiff_t>(row * kRows), kRows, half_of(static_cast<int>(row)));
    bias[row] = half_of(static_cast<int>(row));
  }
  model.add("encoder/layer_0/self_attention/linear_0/weight", {3 * kStateForTest, kStateForTest}, weight);
  model.add("encoder/layer_0/self_attention/linear_0/bias", {3 * kStateForTest}, bias);
  const std::string ggml = model.ggml();
  const std::string key = tensor_data(ggml, "encoder.blocks.0.attn.key.weight", 2);
  const std::string value = tensor_data(ggml, "encoder.blocks.0.attn.value.bias", sizeof(float));
  ASSERT_EQ(key.size(), 2U);
  ASSERT_EQ(value.size(), sizeof(float));
  std::uint16_t half = 0;
  std::memcpy(&half, key.data(), 2);
  EXPECT_EQ(widen_half(half), 64.0F);  // row 64 is the key's first
  float wide = 0;
  std::memcpy(&wide, value.data(), sizeof wide);
  EXPECT_EQ(wide, 128.0F);
  EXPECT_EQ(ggml.find("attn.key.bias"), std::string::npos);
}

TEST(Convert, HalfsAreWidenedExactly) {
  EXPECT_EQ(widen_half(0x3C00), 1.0F);
  EXPECT_EQ(widen_half(0xC000), -2.0F);
  EXPECT_EQ(widen_half(0x7BFF), 65504.0F);
  EXPECT_EQ(widen_half(0x0001), std::ldexp(1.0F, -24));
  EXPECT_EQ(widen_half(0x03FF), std::ldexp(1023.0F, -24));
  EXPECT_TRUE(std::isinf(widen_half(0x7C00)));
  EXPECT_TRUE(std::isnan(widen_half(0x7E00)));
  EXPECT_TRUE(std::signbit(widen_half(0x8000)));
}

TEST(Convert, MelFiltersAreWhispers) {
  const std::vector<float> filters = audio::mel_filters(80);
  ASSERT_EQ(filters.size(), 80U * audio::LogMel::kBins);
  EXPECT_NEAR(filters[1], 0.02486259F, 1e-7F);  // from Whisper's own table
  EXPECT_EQ(filters[0], 0.0F);
  const auto last = std::span(filters).last(audio::LogMel::kBins);
  EXPECT_NEAR(std::accumulate(last.begin(), last.end(), 0.0F) * 40.0F, 1.0F, 0.01F);  // unit area
}

TEST(Convert, AFileThatIsCutShortIsRefusedWhereverItIsCut) {
  const std::string whole = ModelForTest().bytes();
  for (std::size_t size = 0; size + 4 < whole.size(); size += 1 + whole.size() / 100) {
    const auto converted = convert(whole.substr(0, size));
    ASSERT_FALSE(converted) << size;
    EXPECT_EQ(converted.error().code, Code::kCorrupt) << size;
  }
}

TEST(Convert, AFileThatLiesAboutItsSizesIsRefused) {
  ModelForTest model;
  model.variables["encoder/conv1/bias"].dims = {1'000'000};
  EXPECT_EQ(convert(model.bytes()).error().code, Code::kCorrupt);
  model.variables["encoder/conv1/bias"].dims = {0xFFFF'FFFF, 0xFFFF'FFFF, 0xFFFF'FFFF, 0xFFFF'FFFF};
  EXPECT_EQ(convert(model.bytes()).error().code, Code::kCorrupt);
}

TEST(Convert, AMissingOrMisshapenArrayIsNamed) {
  ModelForTest model;
  model.variables.erase("decoder/layer_0/attention/linear_2/bias");
  const auto missing = convert(model.bytes());
  EXPECT_EQ(missing.error().code, Code::kCorrupt);
  EXPECT_NE(missing.error().message.find("attention/linear_2/bias"), std::string::npos);
}

TEST(Convert, OtherKindsOfModelAreUnsupported) {
  ModelForTest other;
  other.spec = "TransformerSpec";
  EXPECT_EQ(convert(other.bytes()).error().code, Code::kUnsupported);
  ModelForTest old;
  old.version = 5;
  EXPECT_EQ(convert(old.bytes()).error().code, Code::kUnsupported);
  ModelForTest quantised;
  auto& weight = quantised.variables["encoder/layer_0/ffn/linear_0/weight"];
  weight.type = 1;
  weight.bytes.resize(weight.bytes.size() / 2);
  EXPECT_EQ(convert(quantised.bytes()).error().code, Code::kUnsupported);
}

TEST(Convert, AVocabularyThatIsShortOrMisspelledIsRefused) {
  const std::string model = ModelForTest().bytes();
  EXPECT_EQ(convert(model, "").error().code, Code::kCorrupt);
  EXPECT_EQ(convert(model, "a\nb\n").error().code, Code::kCorrupt);
  EXPECT_EQ(convert(model, "\u4E2D\n" + ModelForTest::vocabulary()).error().code, Code::kCorrupt);
  EXPECT_EQ(convert(model, "\xC4\n" + ModelForTest::vocabulary()).error().code, Code::kCorrupt);
}

TEST(Convert, TokensAreTheBytesThatTheirSpellingStandsFor) {
  std::string text = "\u0120\u00C3\u00A9\n\u010A\n";  // a space and é as two bytes; a line feed
  for (std::size_t i = 0; i < kSpelledTokens; ++i) text += "x\n";
  const auto tokens = parse_vocabulary(text);
  ASSERT_TRUE(tokens);
  EXPECT_EQ(tokens->at(0), " \xC3\xA9");
  EXPECT_EQ(tokens->at(1), "\n");
  EXPECT_EQ(tokens->size(), kSpelledTokens);
}

TEST(Convert, ASinkThatFailsEndsItWithItsError) {
  const std::string model = ModelForTest().bytes();
  int calls = 0;
  const auto full = [&](std::span<const std::byte>) {
    ++calls;
    return base::Result<void>(base::fail(Code::kExhausted, "the disk is full"));
  };
  EXPECT_EQ(convert_ct2(as_bytes(model), ModelForTest::vocabulary(), full, {}).error().code, Code::kExhausted);
  EXPECT_EQ(calls, 1);
}

TEST(Convert, AStopEndsIt) {
  const std::string model = ModelForTest().bytes();
  std::stop_source stop;
  stop.request_stop();
  const auto sink = [](std::span<const std::byte>) { return base::Result<void>{}; };
  EXPECT_EQ(convert_ct2(as_bytes(model), ModelForTest::vocabulary(), sink, stop.get_token()).error().code,
            Code::kCancelled);
}

TEST(Convert, FilesGiveWhatBytesGive) {
  testing::TempDir dir;
  const ModelForTest model;
  ASSERT_TRUE(base::write_file_atomically(dir / "model.bin", model.bytes()));
  ASSERT_TRUE(base::write_file_atomically(dir / "vocabulary.txt", ModelForTest::vocabulary()));
  ASSERT_TRUE(convert_ct2_files(dir / "model.bin", dir / "vocabulary.txt", dir / "ggml.bin", {}));
  EXPECT_EQ(base::read_file(dir / "ggml.bin").value(), model.ggml());
  EXPECT_FALSE(convert_ct2_files(dir / "model.bin", dir / "vocabulary.txt", dir / "ggml.bin", {}));  // never overwrites
}

}  // namespace
}  // namespace hearth::engines::whisper
