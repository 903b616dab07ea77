#include "audio/encoder.h"

#include <gtest/gtest.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <vector>

#include "audio/samples.h"

namespace hearth::audio {
namespace {

using base::Code;
using base::SampleRate;

constexpr SampleRate kRate{24'000};

/// A voice of sorts: a gliding fundamental with ten overtones, louder and softer four times a second.
std::vector<float> voice(std::size_t n) {
  std::vector<float> out(n);
  double phase = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double t = static_cast<double>(i) / kRate.hz;
    phase += 2.0 * std::numbers::pi * (140.0 + 30.0 * std::sin(3.0 * t)) / kRate.hz;
    double value = 0.0;
    for (int k = 1; k <= 10; ++k) value += std::sin(k * phase) / k;
    out[i] = static_cast<float>(0.2 * value * (0.6 + 0.4 * std::sin(8.0 * std::numbers::pi * t)));
  }
  return out;
}

/// Feeds `sound` in pieces of `piece` samples.
std::string encode_in_pieces(AudioFormat format, std::span<const float> sound, std::size_t piece,
                             const EncoderOptions& options = {}) {
  auto encoder = make_encoder(format, kRate, options);
  EXPECT_TRUE(encoder.has_value());
  std::string out;
  while (!sound.empty()) {
    const std::size_t n = std::min(piece, sound.size());
    out += (*encoder)->encode(sound.first(n)).value();
    sound = sound.subspan(n);
  }
  return out + (*encoder)->finish().value();
}

struct Memory {
  const std::string* bytes;
  sf_count_t at = 0;
};

struct Decoded {
  bool opened = false;
  int rate = 0;
  int channels = 0;
  std::vector<float> samples;
};

/// By libsndfile, which is nobody's kin to our encoders' own decoders.
Decoded decode(AudioFormat format, const std::string& bytes) {
  SF_VIRTUAL_IO io{};
  io.get_filelen = [](void* m) { return static_cast<sf_count_t>(static_cast<Memory*>(m)->bytes->size()); };
  io.seek = [](sf_count_t offset, int whence, void* m) {
    auto& memory = *static_cast<Memory*>(m);
    const auto size = static_cast<sf_count_t>(memory.bytes->size());
    const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? memory.at : size;
    return memory.at = std::clamp<sf_count_t>(from + offset, 0, size);
  };
  io.read = [](void* to, sf_count_t count, void* m) {
    auto& memory = *static_cast<Memory*>(m);
    const sf_count_t n = std::min(count, static_cast<sf_count_t>(memory.bytes->size()) - memory.at);
    std::memcpy(to, memory.bytes->data() + memory.at, static_cast<std::size_t>(n));
    memory.at += n;
    return n;
  };
  io.write = [](const void*, sf_count_t, void*) { return sf_count_t{0}; };
  io.tell = [](void* m) { return static_cast<Memory*>(m)->at; };
  Memory memory{&bytes};
  SF_INFO info{};
  if (format == AudioFormat::kPcm) {
    info.samplerate = kRate.hz;
    info.channels = 1;
    info.format = SF_FORMAT_RAW | SF_FORMAT_PCM_16 | SF_ENDIAN_LITTLE;
  }
  Decoded out;
  SNDFILE* file = sf_open_virtual(&io, SFM_READ, &info, &memory);
  if (file == nullptr) return out;
  out.opened = true;
  out.rate = info.samplerate;
  out.channels = info.channels;
  std::vector<float> block(4096);
  for (sf_count_t n; (n = sf_readf_float(file, block.data(), static_cast<sf_count_t>(block.size()))) > 0;) {
    out.samples.insert(out.samples.end(), block.begin(), block.begin() + n);
  }
  sf_close(file);
  return out;
}

double snr_at(std::span<const float> wanted, std::span<const float> heard, std::size_t delay) {
  double signal = 0.0;
  double noise = 1e-12;
  for (std::size_t i = 0; i < wanted.size() && i + delay < heard.size(); ++i) {
    const double error = heard[i + delay] - wanted[i];
    signal += static_cast<double>(wanted[i]) * wanted[i];
    noise += error * error;
  }
  return 10.0 * std::log10(signal / noise);
}

/// Signal to noise in dB at the codec's own delay, which is looked for among the first `search` samples.
double snr(std::span<const float> wanted, std::span<const float> heard, std::size_t search) {
  double best = -100.0;
  for (std::size_t delay = 0; delay <= search; ++delay) best = std::max(best, snr_at(wanted, heard, delay));
  return best;
}

class EachFormat : public testing::TestWithParam<AudioFormat> {};

INSTANTIATE_TEST_SUITE_P(Formats, EachFormat, testing::ValuesIn(kAllFormats),
                         [](const auto& each) { return std::string(format_name(each.param)); });

TEST_P(EachFormat, DecodesToTheSameSound) {
  const auto sound = voice(24'000);
  for (const std::size_t piece : {std::size_t{100}, std::size_t{6'000}, std::size_t{24'000}}) {
    const std::string bytes = encode_in_pieces(GetParam(), sound, piece);
    const Decoded heard = decode(GetParam(), bytes);
    ASSERT_TRUE(heard.opened);
    EXPECT_EQ(heard.rate, kRate.hz);
    EXPECT_EQ(heard.channels, 1);
    switch (GetParam()) {
      case AudioFormat::kMp3:  // whole frames, with the codec's delay in front
        EXPECT_GE(heard.samples.size(), sound.size());
        EXPECT_LE(heard.samples.size(), sound.size() + 4 * 576);
        EXPECT_GT(snr(sound, heard.samples, 2'000), 18.0);
        break;
      case AudioFormat::kOpus:
        EXPECT_EQ(heard.samples.size(), sound.size());
        EXPECT_GT(snr(sound, heard.samples, 4), 12.0);
        break;
      default:
        EXPECT_EQ(heard.samples.size(), sound.size());
        EXPECT_GT(snr(sound, heard.samples, 0), 75.0);
    }
  }
}

TEST_P(EachFormat, BytesDoNotDependOnHowTheSoundWasCut) {
  const auto sound = voice(9'999);
  // Opus packets are the same too, but a call's end closes an Ogg page.
  if (GetParam() == AudioFormat::kOpus) {
    EXPECT_EQ(decode(GetParam(), encode_in_pieces(GetParam(), sound, 1)).samples,
              decode(GetParam(), encode_in_pieces(GetParam(), sound, 9'999)).samples);
  } else {
    EXPECT_EQ(encode_in_pieces(GetParam(), sound, 1), encode_in_pieces(GetParam(), sound, 9'999));
  }
}

TEST_P(EachFormat, FirstSoundIsOutWithinSixtyMilliseconds) {
  const auto sound = voice(2'400);
  auto encoder = make_encoder(GetParam(), kRate).value();
  (void)encoder->encode({}).value();  // the header
  std::size_t fed = 0;
  std::string first;
  while (first.empty() && fed < sound.size()) {
    first = encoder->encode(std::span(sound).subspan(fed, 24)).value();
    fed += 24;
  }
  EXPECT_FALSE(first.empty());
  EXPECT_LE(fed, 24'000u * 60 / 1000);
}

TEST_P(EachFormat, ASoundWithoutSamplesIsStillAWholeFile) {
  auto encoder = make_encoder(GetParam(), kRate).value();
  const std::string bytes = encoder->finish().value();
  if (GetParam() == AudioFormat::kPcm) {
    EXPECT_TRUE(bytes.empty());
  } else if (GetParam() == AudioFormat::kMp3) {
    EXPECT_LT(bytes.size(), 2'000u);  // silence: mp3 has no header to stand alone
  } else {
    const Decoded heard = decode(GetParam(), bytes);
    EXPECT_TRUE(heard.opened);
    EXPECT_TRUE(heard.samples.empty());
  }
}

TEST_P(EachFormat, TheHeaderComesWithTheFirstCallEvenForNoSamples) {
  auto encoder = make_encoder(GetParam(), kRate).value();
  const std::string header = encoder->encode({}).value();
  switch (GetParam()) {
    case AudioFormat::kWav:
      EXPECT_EQ(header.substr(0, 4), "RIFF");
      break;
    case AudioFormat::kFlac:
      EXPECT_EQ(header.substr(0, 4), "fLaC");
      break;
    case AudioFormat::kOpus:
      EXPECT_EQ(header.substr(0, 4), "OggS");
      EXPECT_NE(header.find("OpusHead"), std::string::npos);
      EXPECT_NE(header.find("OpusTags"), std::string::npos);
      break;
    default:
      EXPECT_TRUE(header.empty());
  }
  EXPECT_TRUE(encoder->encode({}).value().empty());
}

TEST_P(EachFormat, AfterTheEndEveryCallIsRefused) {
  auto encoder = make_encoder(GetParam(), kRate).value();
  ASSERT_TRUE(encoder->finish().has_value());
  EXPECT_EQ(encoder->encode(voice(10)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(encoder->finish().error().code, Code::kInvalidArgument);
}

TEST_P(EachFormat, AnEncoderDroppedHalfWayLeaksNothing) {
  auto encoder = make_encoder(GetParam(), kRate).value();
  EXPECT_TRUE(encoder->encode(voice(5'000)).has_value());
}

TEST_P(EachFormat, HostileValuesBecomePlayableOnes) {
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> sound;
  for (int i = 0; i < 2'000; ++i) {
    for (const float value : {nan, inf, -inf, 1e30F, -1e30F, 1e-42F}) sound.push_back(value);
  }
  const Decoded heard = decode(GetParam(), encode_in_pieces(GetParam(), sound, 777));
  ASSERT_TRUE(heard.opened);
  EXPECT_GE(heard.samples.size(), sound.size());
  EXPECT_TRUE(std::all_of(heard.samples.begin(), heard.samples.end(), [](float v) { return std::isfinite(v); }));
}

TEST_P(EachFormat, HoldsTheCallerToAnAnnouncedLength) {
  EncoderOptions options;
  options.total_samples = 100;
  auto too_many = make_encoder(GetParam(), kRate, options).value();
  EXPECT_EQ(too_many->encode(voice(101)).error().code, Code::kInvalidArgument);
  auto too_few = make_encoder(GetParam(), kRate, options).value();
  ASSERT_TRUE(too_few->encode(voice(99)).has_value());
  EXPECT_EQ(too_few->finish().error().code, Code::kInvalidArgument);
  options.total_samples = -1;
  EXPECT_EQ(make_encoder(GetParam(), kRate, options).error().code, Code::kInvalidArgument);
}

TEST_P(EachFormat, AWholeSoundAtOnceHasItsLengthInTheHeader) {
  const auto sound = voice(5'000);
  const std::string bytes = encode_all(GetParam(), kRate, sound).value();
  EXPECT_GE(decode(GetParam(), bytes).samples.size(), sound.size());
  if (GetParam() == AudioFormat::kWav) {
    EXPECT_EQ(bytes.size(), 44 + sound.size() * 2);
  }
}

TEST(Encoder, RefusesRatesThatTheFormatCannotCarry) {
  for (const AudioFormat format : kAllFormats) {
    for (const int hz : {-1, 0, 7'999, 192'001, std::numeric_limits<int>::max()}) {
      EXPECT_EQ(make_encoder(format, SampleRate{hz}).error().code, Code::kUnsupported);
    }
  }
  EXPECT_EQ(make_encoder(AudioFormat::kOpus, SampleRate{44'100}).error().code, Code::kUnsupported);
  EXPECT_EQ(make_encoder(AudioFormat::kMp3, SampleRate{96'000}).error().code, Code::kUnsupported);
  EXPECT_TRUE(make_encoder(AudioFormat::kFlac, SampleRate{96'001}).has_value());
}

TEST(Encoder, AWavTooLongForItsHeaderIsRefusedBeforeTheFirstSample) {
  EncoderOptions options;
  options.total_samples = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(make_encoder(AudioFormat::kWav, kRate, options).error().code, Code::kExhausted);
}

TEST(Encoder, OpusKeepsItsLengthAtEveryRate) {
  for (const int hz : {8'000, 12'000, 16'000, 24'000, 48'000}) {
    for (const std::size_t n : {std::size_t{1}, std::size_t{479}, std::size_t{480}, std::size_t{5'001}}) {
      const std::string bytes = encode_all(AudioFormat::kOpus, SampleRate{hz}, voice(n)).value();
      const Decoded heard = decode(AudioFormat::kOpus, bytes);
      EXPECT_EQ(heard.rate, hz);
      EXPECT_EQ(heard.samples.size(), n) << hz;
    }
  }
}

}  // namespace
}  // namespace hearth::audio
