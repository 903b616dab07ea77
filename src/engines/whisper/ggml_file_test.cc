#include "engines/whisper/ggml_file.h"

#include <gtest/gtest.h>

#include <cstring>

#include "engines/whisper/model_for_test.h"

namespace hearth::engines::whisper {
namespace {

using base::Code;

base::Result<GgmlSummary> check(const std::string& file) { return check_ggml(std::as_bytes(std::span(file))); }

/// `file` with the i32 at `offset` replaced.
std::string with_number(std::string file, std::size_t offset, std::int32_t value) {
  std::memcpy(file.data() + offset, &value, sizeof value);
  return file;
}

constexpr std::size_t kShapeAt = 4;
constexpr std::size_t kFiltersAt = kShapeAt + sizeof(WhisperShape);
constexpr std::size_t kTokensAt = kFiltersAt + 8 + 80 * 201 * 4;

TEST(GgmlFile, EveryNumberOfTheShapeIsChecked) {
  const std::string whole = ModelForTest().ggml();
  ASSERT_TRUE(check(whole));
  for (std::size_t i = 0; i < kShapeNumbers; ++i) {
    for (const std::int32_t value : {-1, 3, 1'000'000, INT32_MAX, INT32_MIN}) {
      EXPECT_FALSE(check(with_number(whole, kShapeAt + 4 * i, value))) << i << " " << value;
    }
  }
}

TEST(GgmlFile, AShapeThatAsksForMoreThanTheFileHoldsIsRefused) {
  const std::string whole = ModelForTest().ggml();
  const auto checked = check(with_number(whole, kShapeAt + 4 * 4, 32));  // audio layers
  EXPECT_EQ(checked.error().code, Code::kCorrupt);
}

TEST(GgmlFile, FiltersAndTokensThatLieAboutTheirSizesAreRefused) {
  const std::string whole = ModelForTest().ggml();
  for (const std::int32_t value : {-1, 0, INT32_MAX}) {
    EXPECT_FALSE(check(with_number(whole, kFiltersAt, value)));
    EXPECT_FALSE(check(with_number(whole, kFiltersAt + 4, value)));
    EXPECT_FALSE(check(with_number(whole, kTokensAt, value)));
    if (value == 0) continue;  // an empty token is one
    EXPECT_FALSE(check(with_number(whole, kTokensAt + 4, value)));
  }
}

TEST(GgmlFile, ATensorsHeadIsChecked) {
  const std::string whole = ModelForTest().ggml();
  const std::size_t name = whole.find("encoder.positional_embedding");
  ASSERT_NE(name, std::string::npos);
  const std::size_t head = name - 5 * 4;  // rank, length, type and two dimensions
  for (std::size_t i = 0; i < 5; ++i) {
    for (const std::int32_t value : {-1, 0, 5, 43, INT32_MAX}) {
      if (i == 2 && value == 0) continue;  // f32, as it is
      EXPECT_FALSE(check(with_number(whole, head + 4 * i, value))) << i << " " << value;
    }
  }
}

TEST(GgmlFile, AFileThatIsCutShortIsRefusedWhereverItIsCut) {
  const std::string whole = ModelForTest().ggml();
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 200) {
    EXPECT_FALSE(check(whole.substr(0, size))) << size;
  }
}

TEST(GgmlFile, AModelWithoutWeightsIsRefused) {
  // whisper.cpp takes it for a test of its own and writes nonsense.
  const std::string whole = ModelForTest().ggml();
  const std::size_t name = whole.find("encoder.positional_embedding");
  EXPECT_EQ(check(whole.substr(0, name - 5 * 4)).error().code, Code::kCorrupt);
}

TEST(GgmlFile, TheShapeOfLargeV3TurboIsTaken) {
  WhisperShape turbo{.vocabulary = 51'866,
                     .audio_context = kAudioContext,
                     .audio_state = 1280,
                     .audio_heads = 20,
                     .audio_layers = 32,
                     .text_context = kTextContext,
                     .text_state = 1280,
                     .text_heads = 20,
                     .text_layers = 4,
                     .mels = 128};
  for (const std::int32_t file_type : {1, 2007, 2008}) {  // f16, and q8_0 and q5_0 of the present version
    turbo.file_type = file_type;
    const auto taken = check_shape(turbo);
    EXPECT_TRUE(taken) << file_type << " " << taken.error().line();
  }
}

TEST(GgmlFile, AFileAsWideAsLargeV3TurbosHeaderAndAsDeepIsTaken) {
  const auto checked = check(ModelForTest(51'866, {}, {.audio_layers = 32, .text_layers = 4, .mels = 128}).ggml());
  ASSERT_TRUE(checked) << checked.error().line();
  EXPECT_EQ(checked->shape.vocabulary, 51'866);
  EXPECT_EQ(checked->shape.mels, 128);
  EXPECT_EQ(checked->shape.audio_layers, 32);
  EXPECT_EQ(checked->shape.text_layers, 4);
  EXPECT_TRUE(checked->is_multilingual());
}

TEST(GgmlFile, OtherFilesAreNamedAsSuch) {
  EXPECT_EQ(check("GGUF and then some").error().code, Code::kCorrupt);
  EXPECT_EQ(check("").error().code, Code::kCorrupt);
}

}  // namespace
}  // namespace hearth::engines::whisper
