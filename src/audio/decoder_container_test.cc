#include "audio/decoder_container.h"

#include <gtest/gtest.h>

#include <string>

#include "audio/wav.h"

namespace hearth::audio {
namespace {

using namespace std::string_literals;

TEST(Container, IsToldByTheFirstBytes) {
  const std::pair<std::string, Container> cases[] = {
      {"RIFF\x24\x00\x00\x00WAVEfmt "s, Container::kWav},
      {"RIFX\x24\x00\x00\x00WAVEfmt "s, Container::kWav},
      {"RF64\xff\xff\xff\xffWAVEds64"s, Container::kWav},
      {"RIFF\x24\x00\x00\x00\x41VI LIST"s, Container::kUnknown},
      {"FORM\x00\x00\x00\x10\x41IFFCOMM"s, Container::kAiff},
      {"fLaC\x00\x00\x00\x22"s, Container::kFlac},
      {"OggS\x00\x02"s, Container::kOgg},
      {"\xff\xfb\x90\x64"s, Container::kMp3},
      {"\xff\xf3\x40\xc4"s, Container::kMp3},
      {"ID3\x04\x00\x00\x00\x00\x00\x02xx\xff\xfb\x90\x64"s, Container::kMp3},
      {"ID3\x04\x00\x00\x00\x00\x00\x02xx\x66LaC\x00"s, Container::kFlac},
      {"ID3\x04\x00\x00\x7f\x7f\x7f\x7fxx"s, Container::kMp3},
      {"\xff\xf1\x50\x80\x02"s, Container::kAac},
      {"\x00\x00\x00\x20\x66typM4A "s, Container::kMp4},
      {"\x1a\x45\xdf\xa3\x01"s, Container::kMatroska},
      {"#!AMR\n"s, Container::kAmr},
      {"\xff\xff\xff\xff"s, Container::kUnknown},
      {"Dear Sir,"s, Container::kUnknown},
      {"<html>"s, Container::kUnknown},
      {"\x7f\x45LF"s, Container::kUnknown},
  };
  for (const auto& [bytes, container] : cases) EXPECT_EQ(find_container(bytes), container) << bytes;
}

TEST(Container, NoBeginningIsTooShortToLookAt) {
  const std::string whole = "ID3\x04\x00\x00\x00\x00\x00\x02xx\xff\xfb\x90\x64"s;
  for (std::size_t n = 0; n <= whole.size(); ++n) static_cast<void>(find_container(whole.substr(0, n)));
  EXPECT_EQ(find_container(""), Container::kUnknown);
  EXPECT_FALSE(looks_like_text(""));
}

TEST(Container, TextIsTold) {
  EXPECT_TRUE(looks_like_text("Dear Sir,\r\n\tgood morning \xc3\xa9"));
  EXPECT_FALSE(looks_like_text("\xff\xfb\x90\x00"s));
}

std::string wav_of(std::uint32_t promised, std::size_t there) {
  const auto header = wav_header({16'000}, 0);
  std::string file(header.begin(), header.end());
  for (std::size_t i = 0; i < 4; ++i) file[40 + i] = static_cast<char>(promised >> (8 * i));
  return file + std::string(there, '\0');
}

TEST(WavLength, CountsWhatIsMissing) {
  EXPECT_EQ(wav_missing_bytes(wav_of(1000, 1000)), 0);
  EXPECT_EQ(wav_missing_bytes(wav_of(1000, 1004)), 0);
  EXPECT_EQ(wav_missing_bytes(wav_of(1044, 1000)), 0) << "its own header counted";
  EXPECT_EQ(wav_missing_bytes(wav_of(1000, 400)), 600);
  EXPECT_EQ(wav_missing_bytes(wav_of(2'000'000'000, 0)), 2'000'000'000);
}

TEST(WavLength, OfAStreamIsNotKnown) {
  for (const std::uint32_t mark : {0U, 0x7FFFF000U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    EXPECT_EQ(wav_missing_bytes(wav_of(mark, 100)), 0) << mark;
  }
  EXPECT_EQ(wav_missing_bytes("RIFF"), 0);
  EXPECT_EQ(wav_missing_bytes("RIFF\x24\x00\x00\x00WAVEjunk\xff\xff\xff\xff"s), 0);
}

}  // namespace
}  // namespace hearth::audio
