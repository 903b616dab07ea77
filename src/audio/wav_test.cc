#include "audio/wav.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "audio/encoder.h"
#include "testing/temp_dir.h"

namespace hearth::audio {
namespace {

using base::Code;
using base::SampleRate;

std::string little(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

std::string chunk(const std::string& name, const std::string& body) {
  return name + little(static_cast<std::uint32_t>(body.size()), 4) + body + (body.size() % 2 == 1 ? "\0" : "");
}

std::string format_chunk(int coding, int channels, int rate, int bits) {
  return chunk("fmt ", little(static_cast<std::uint32_t>(coding), 2) + little(static_cast<std::uint32_t>(channels), 2) +
                           little(static_cast<std::uint32_t>(rate), 4) + little(0, 4) + little(0, 2) +
                           little(static_cast<std::uint32_t>(bits), 2));
}

std::string riff(const std::string& chunks) { return "RIFF" + little(0, 4) + "WAVE" + chunks; }

TEST(Wav, WhatIsWrittenIsReadBack) {
  const testing::TempDir folder;
  const std::vector<float> sound{0.0F, 0.5F, -0.5F, 1.0F, -1.0F};
  ASSERT_TRUE(write_wav_file(folder / "a.wav", SampleRate{24'000}, sound).has_value());
  const auto wav = read_wav_file(folder / "a.wav");
  ASSERT_TRUE(wav.has_value());
  EXPECT_EQ(wav->rate.hz, 24'000);
  EXPECT_EQ(wav->channels, 1);
  ASSERT_EQ(wav->samples.size(), sound.size());
  for (std::size_t i = 0; i < sound.size(); ++i) EXPECT_NEAR(wav->samples[i], sound[i], 1e-4F);
}

TEST(Wav, AStreamOfUnknownLengthEndsWithItsBytes) {
  auto encoder = make_encoder(AudioFormat::kWav, SampleRate{24'000}).value();
  std::string bytes = encoder->encode(std::vector<float>(100, 0.25F)).value();
  bytes += encoder->finish().value();
  EXPECT_EQ(bytes.substr(40, 4), "\xff\xff\xff\xff");
  EXPECT_EQ(parse_wav(bytes)->samples.size(), 100u);
}

TEST(Wav, AHeaderWrittenAgainMendsAStream) {
  auto encoder = make_encoder(AudioFormat::kWav, SampleRate{24'000}).value();
  const std::vector<float> sound(100, 0.25F);
  std::string bytes = encoder->encode(sound).value();
  const auto header = wav_header(SampleRate{24'000}, encoder->samples());
  bytes.replace(0, header.size(), header.data(), header.size());
  EXPECT_EQ(bytes, encode_all(AudioFormat::kWav, SampleRate{24'000}, sound).value());
}

TEST(Wav, EveryWidthReadsTheSameLevel) {
  EXPECT_FLOAT_EQ(parse_wav(riff(format_chunk(1, 1, 8000, 8) + chunk("data", little(192, 1))))->samples[0], 0.5F);
  EXPECT_FLOAT_EQ(parse_wav(riff(format_chunk(1, 1, 8000, 16) + chunk("data", little(0x4000, 2))))->samples[0], 0.5F);
  EXPECT_FLOAT_EQ(parse_wav(riff(format_chunk(1, 1, 8000, 24) + chunk("data", little(0xC00000, 3))))->samples[0],
                  -0.5F);
  EXPECT_FLOAT_EQ(parse_wav(riff(format_chunk(1, 1, 8000, 32) + chunk("data", little(0x40000000, 4))))->samples[0],
                  0.5F);
  EXPECT_FLOAT_EQ(parse_wav(riff(format_chunk(3, 1, 8000, 32) + chunk("data", little(0x3F000000, 4))))->samples[0],
                  0.5F);
}

TEST(Wav, ChannelsAreAveragedAndUnknownChunksSkipped) {
  const auto wav = parse_wav(riff(chunk("LIST", "abc") + std::string(1, '\0') + format_chunk(1, 2, 16'000, 16) +
                                  chunk("data", little(0x4000, 2) + little(0, 2))));
  ASSERT_TRUE(wav.has_value());
  EXPECT_EQ(wav->channels, 2);
  ASSERT_EQ(wav->samples.size(), 1u);
  EXPECT_FLOAT_EQ(wav->samples[0], 0.25F);
}

TEST(Wav, WhatCannotBeReadIsRefusedWithAReason) {
  const auto code = [](const std::string& bytes) { return parse_wav(bytes).error().code; };
  EXPECT_EQ(code(""), Code::kCorrupt);
  EXPECT_EQ(code("RIFF____AVI "), Code::kCorrupt);
  EXPECT_EQ(code(riff("")), Code::kCorrupt);
  EXPECT_EQ(code(riff(chunk("data", "abcd"))), Code::kCorrupt);
  EXPECT_EQ(code(riff(chunk("fmt ", "short"))), Code::kCorrupt);
  EXPECT_EQ(code(riff(format_chunk(1, 1, 0, 16))), Code::kCorrupt);
  EXPECT_EQ(code(riff(format_chunk(1, 0, 8000, 16))), Code::kUnsupported);
  EXPECT_EQ(code(riff(format_chunk(1, 65535, 8000, 16))), Code::kUnsupported);
  EXPECT_EQ(code(riff(format_chunk(7, 1, 8000, 8))), Code::kUnsupported);
  EXPECT_EQ(code(riff(format_chunk(1, 1, 8000, 12))), Code::kUnsupported);
}

TEST(Wav, AFileBeyondTheLimitIsNotReadIn) {
  const testing::TempDir folder;
  ASSERT_TRUE(write_wav_file(folder / "a.wav", SampleRate{24'000}, std::vector<float>(1000)).has_value());
  EXPECT_EQ(read_wav_file(folder / "a.wav", base::Bytes{100}).error().code, Code::kExhausted);
  EXPECT_EQ(read_wav_file(folder / "missing.wav").error().code, Code::kNotFound);
}

TEST(Wav, DamagedFilesNeverReadOutOfBounds) {
  const std::string whole = encode_all(AudioFormat::kWav, SampleRate{24'000}, std::vector<float>(64, 0.5F)).value();
  for (std::size_t n = 0; n <= whole.size(); ++n) (void)parse_wav(std::string(whole, 0, n));
  std::mt19937 random(7);  // NOLINT: the same damage every time
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (int k = 0; k < 4; ++k) bytes[random() % 60] = static_cast<char>(random());
    const auto wav = parse_wav(bytes);
    if (wav) {
      EXPECT_LE(wav->samples.size(), bytes.size());
    }
  }
}

}  // namespace
}  // namespace hearth::audio
