#include "audio/format.h"

#include <gtest/gtest.h>

#include <string>

namespace hearth::audio {
namespace {

TEST(AudioFormat, EveryNameFindsItsFormatInAnyCase) {
  for (const AudioFormat format : kAllFormats) {
    EXPECT_EQ(find_format(format_name(format)), format);
    EXPECT_NE(kFormatList.find(format_name(format)), std::string_view::npos);
    EXPECT_EQ(content_type(format).substr(0, 6), "audio/");
  }
  EXPECT_EQ(find_format("MP3"), AudioFormat::kMp3);
}

TEST(AudioFormat, OtherWordsFindNothing) {
  for (const char* word : {"", "aac", "mp", "mp33", " mp3", "wav\n", "\xff\xfe"})
    EXPECT_FALSE(find_format(word)) << word;
  EXPECT_FALSE(find_format(std::string(1 << 20, 'a')));
}

TEST(AudioFormat, AFileNameTellsItsFormat) {
  EXPECT_EQ(find_format_of_file("hello.wav"), AudioFormat::kWav);
  EXPECT_EQ(find_format_of_file("/a.b/hello.OGG"), AudioFormat::kOpus);
  EXPECT_EQ(find_format_of_file("hello.flac.mp3"), AudioFormat::kMp3);
  for (const char* name : {"", ".", "hello", "hello.", "a.wav/hello", "hello.txt"}) {
    EXPECT_FALSE(find_format_of_file(name)) << name;
  }
}

}  // namespace
}  // namespace hearth::audio
