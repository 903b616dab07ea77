#include "audio/wav.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "audio/encoder.h"

namespace hearth::audio {
namespace {

using base::SampleRate;

TEST(Wav, AStreamOfUnknownLengthSaysSoAndEndsWithItsBytes) {
  auto encoder = make_encoder(AudioFormat::kWav, SampleRate{24'000}).value();
  std::string bytes = encoder->encode(std::vector<float>(100, 0.25F)).value();
  bytes += encoder->finish().value();
  EXPECT_EQ(bytes.substr(4, 4), "\xff\xff\xff\xff");
  EXPECT_EQ(bytes.substr(40, 4), "\xff\xff\xff\xff");
  EXPECT_EQ(bytes.size(), kWavHeaderSize + 200);
}

TEST(Wav, AHeaderWrittenAgainMendsAStream) {
  auto encoder = make_encoder(AudioFormat::kWav, SampleRate{24'000}).value();
  const std::vector<float> sound(100, 0.25F);
  std::string bytes = encoder->encode(sound).value();
  const auto header = wav_header(SampleRate{24'000}, encoder->samples());
  bytes.replace(0, header.size(), header.data(), header.size());
  EXPECT_EQ(bytes, encode_all(AudioFormat::kWav, SampleRate{24'000}, sound).value());
}

}  // namespace
}  // namespace hearth::audio
