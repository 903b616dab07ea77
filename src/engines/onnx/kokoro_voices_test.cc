#include "engines/onnx/kokoro_voices.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "testing/temp_dir.h"

namespace hearth::engines::onnx {
namespace {

/// Every number of voice v, row r is v + r / 1000.
std::string packed_voices() {
  std::string bytes(kKokoroVoiceNames.size() * kStyleRows * kStyleSize * sizeof(float), '\0');
  char* at = bytes.data();
  for (std::size_t voice = 0; voice < kKokoroVoiceNames.size(); ++voice) {
    for (std::size_t row = 0; row < kStyleRows; ++row) {
      const float value = static_cast<float>(voice) + static_cast<float>(row) / 1000.0F;
      for (std::size_t i = 0; i < kStyleSize; ++i, at += sizeof value) std::memcpy(at, &value, sizeof value);
    }
  }
  return bytes;
}

TEST(KokoroVoices, NamesAreSortedSoThatTheyCanBeSearched) {
  EXPECT_TRUE(std::ranges::is_sorted(kKokoroVoiceNames));
  EXPECT_EQ(std::ranges::adjacent_find(kKokoroVoiceNames), kKokoroVoiceNames.end());
}

TEST(KokoroVoices, AMixIsTheWeightedSumOfTheRowForItsLength) {
  testing::TempDir dir;
  ASSERT_TRUE(base::write_file_atomically(dir / "voices.bin", packed_voices()));
  const auto voices = KokoroVoices::open(dir / "voices.bin");
  ASSERT_TRUE(voices);
  const text::VoiceShare second{std::string(kKokoroVoiceNames[2]), 0.75F};
  const text::VoiceShare fourth{std::string(kKokoroVoiceNames[4]), 0.25F};
  const auto style = voices->style(std::vector{second, fourth}, 100);
  ASSERT_TRUE(style);
  EXPECT_NEAR(style->front(), 2.6F, 1e-4F);
  EXPECT_NEAR(style->back(), 2.6F, 1e-4F);
}

TEST(KokoroVoices, ALengthBeyondTheTableTakesItsLastRow) {
  testing::TempDir dir;
  ASSERT_TRUE(base::write_file_atomically(dir / "voices.bin", packed_voices()));
  const auto voices = KokoroVoices::open(dir / "voices.bin");
  const auto style = voices->style(std::vector{text::VoiceShare{"af_alloy", 1.0F}}, 100'000);
  EXPECT_NEAR(style->front(), 0.509F, 1e-4F);
}

TEST(KokoroVoices, AnUnknownVoiceIsNamed) {
  const auto checked = check_voices(std::vector{text::VoiceShare{"af_heart", 0.5F}, text::VoiceShare{"af_hart", 0.5F}});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, base::Code::kInvalidArgument);
  EXPECT_NE(checked.error().message.find("af_hart"), std::string::npos);
}

TEST(KokoroVoices, AFileOfAnotherSizeIsRefused) {
  testing::TempDir dir;
  ASSERT_TRUE(base::write_file_atomically(dir / "voices.bin", packed_voices().substr(1)));
  EXPECT_EQ(KokoroVoices::open(dir / "voices.bin").error().code, base::Code::kCorrupt);
}

}  // namespace
}  // namespace hearth::engines::onnx
