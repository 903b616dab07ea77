#include "audio/decoder.h"

#include <gtest/gtest.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <random>
#include <string>

#include "audio/encoder.h"
#include "audio/samples.h"
#include "audio/wav.h"
#include "base/files.h"
#include "testing/temp_dir.h"

namespace hearth::audio {
namespace {

using base::Code;

constexpr base::SampleRate kRate{24'000};

std::vector<float> tone(base::SampleRate rate, double length_seconds) {
  std::vector<float> samples(static_cast<std::size_t>(length_seconds * rate.hz));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / rate.hz));
  }
  return samples;
}

std::string encoded(AudioFormat format, double length_seconds = 1.0) {
  return encode_all(format, kRate, tone(kRate, length_seconds)).value_or("");
}

/// Any format and channel count that libsndfile writes; channel c has (c + 1) / channels of the tone.
std::string written(int format, int hz, int channels, const std::vector<float>& mono) {
  const testing::TempDir folder;
  const std::string path = folder / "sound";
  SF_INFO info{};
  info.samplerate = hz;
  info.channels = channels;
  info.format = format;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  EXPECT_NE(file, nullptr) << format;
  if (file == nullptr) return {};
  std::vector<float> frames;
  for (const float sample : mono) {
    for (int c = 0; c < channels; ++c)
      frames.push_back(sample * static_cast<float>(c + 1) / static_cast<float>(channels));
  }
  EXPECT_EQ(sf_writef_float(file, frames.data(), static_cast<sf_count_t>(mono.size())),
            static_cast<sf_count_t>(mono.size()));
  sf_close(file);
  return base::read_file(path).value_or("");
}

float loudest(std::span<const float> samples) {
  float largest = 0;
  for (const float sample : samples) largest = std::max(largest, std::fabs(sample));
  return largest;
}

/// How much of the sound is the tone of 440 Hz: 1 for nothing else.
double purity(std::span<const float> samples, base::SampleRate rate) {
  double s = 0, c = 0, all = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double phase = 2 * std::numbers::pi * 440 * static_cast<double>(i) / rate.hz;
    s += samples[i] * std::sin(phase);
    c += samples[i] * std::cos(phase);
    all += double{samples[i]} * samples[i];
  }
  return all == 0 ? 0 : 2 * (s * s + c * c) / (all * static_cast<double>(samples.size()));
}

Code error_of(const std::string& bytes, const DecodeOptions& options = {}) {
  const auto decoded = decode(bytes, options);
  EXPECT_FALSE(decoded);
  if (decoded) return Code::kInternal;
  EXPECT_FALSE(decoded.error().message.empty());
  return decoded.error().code;
}

TEST(Decoder, GivesBackWhatOurEncodersWrote) {
  for (const AudioFormat format : {AudioFormat::kWav, AudioFormat::kFlac, AudioFormat::kMp3, AudioFormat::kOpus}) {
    const auto decoded = decode(encoded(format));
    ASSERT_TRUE(decoded) << format_name(format) << decoded.error().line();
    EXPECT_EQ(decoded->rate.hz, 16'000);
    EXPECT_NEAR(static_cast<double>(decoded->samples.size()), 16'000, 1'200) << format_name(format);
    const auto middle = std::span(decoded->samples).subspan(4'000, 8'000);
    EXPECT_NEAR(rms(middle), 0.3535F, 0.02F) << format_name(format);
    EXPECT_GT(purity(middle, decoded->rate), 0.99) << format_name(format);
  }
}

TEST(Decoder, TakesEveryRateAndChannelCount) {
  constexpr int kKinds[] = {SF_FORMAT_WAV | SF_FORMAT_PCM_24,  SF_FORMAT_WAV | SF_FORMAT_FLOAT,
                            SF_FORMAT_WAV | SF_FORMAT_ULAW,    SF_FORMAT_AIFF | SF_FORMAT_PCM_16,
                            SF_FORMAT_RF64 | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
                            SF_FORMAT_OGG | SF_FORMAT_VORBIS};
  for (const int kind : kKinds) {
    for (const int hz : {8'000, 16'000, 44'100, 48'000}) {
      for (const int channels : {1, 2, 6}) {
        const std::string file = written(kind, hz, channels, tone({hz}, 0.5));
        const auto reader = open_sound(file, find_container(file));
        ASSERT_TRUE(reader) << std::hex << kind << std::dec << " " << hz << " " << reader.error().line();
        EXPECT_EQ((*reader)->rate().hz, hz);
        EXPECT_EQ((*reader)->channels(), static_cast<std::size_t>(channels));
        const auto decoded = decode(file);
        ASSERT_TRUE(decoded) << std::hex << kind << std::dec << " " << hz << " " << decoded.error().line();
        EXPECT_NEAR(static_cast<double>(decoded->length().count()), 500, 2);
        const auto middle = std::span(decoded->samples).subspan(2'000, 4'000);
        EXPECT_GT(purity(middle, decoded->rate), 0.98);
        if (kind == (SF_FORMAT_OGG | SF_FORMAT_VORBIS) && channels > 2) continue;  // it couples channels at some loss
        const double average = (channels + 1) / (2.0 * channels);                  // of the channels' shares
        EXPECT_NEAR(rms(middle), 0.3535 * average, 0.02)
            << std::hex << kind << std::dec << " " << hz << " " << channels;
      }
    }
  }
}

TEST(Decoder, AStreamedWavEndsWithItsBytes) {
  std::string streamed;
  const auto header = wav_header({16'000}, std::nullopt);
  streamed.assign(header.begin(), header.end());
  streamed.append(32'000, '\x10');
  const auto decoded = decode(streamed);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->length(), base::Millis{1000});
}

TEST(Decoder, SilenceAndNoiseAreSound) {
  EXPECT_EQ(decode(*encode_all(AudioFormat::kFlac, kRate, std::vector<float>(24'000)))->samples.size(), 16'000U);
  std::mt19937 random(7);
  std::vector<float> noise(24'000);
  for (float& sample : noise) sample = static_cast<float>(random()) / 2147483648.0F - 1.0F;
  const auto decoded = decode(written(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 24'000, 1, noise));
  ASSERT_TRUE(decoded);
  EXPECT_LE(loudest(decoded->samples), 1.0F) << "a filter's overshoot is clipped";
}

TEST(Decoder, WhatIsNoSoundIsRefused) {
  EXPECT_EQ(error_of(""), Code::kInvalidArgument);
  EXPECT_EQ(error_of("This is a letter, whatever its name ends with."), Code::kInvalidArgument);
  EXPECT_EQ(decode("This is a letter.").error().message, "the file is text, not sound");
  EXPECT_EQ(error_of(std::string(5'000, '\0')), Code::kInvalidArgument);
  EXPECT_EQ(error_of("OggS" + std::string(200, 'x')), Code::kInvalidArgument);
  EXPECT_EQ(error_of("\xff\xfb\x90\x64" + std::string(20, 'x')), Code::kInvalidArgument);
  EXPECT_EQ(error_of(encoded(AudioFormat::kWav).substr(0, 30)), Code::kInvalidArgument);
}

TEST(Decoder, WhatOnlyFfmpegReadsNamesTheProgramThatWill) {
  const std::string m4a = std::string("\0\0\0\x20", 4) + "ftypM4A " + std::string(100, '\0');
  EXPECT_EQ(error_of(m4a), Code::kUnsupported);
  EXPECT_NE(decode(m4a).error().message.find("hearth-media"), std::string::npos);
}

TEST(Decoder, AFileWithoutSamplesIsRefused) {
  const auto header = wav_header(kRate, 0);
  EXPECT_EQ(error_of(std::string(header.begin(), header.end())), Code::kInvalidArgument);
  EXPECT_EQ(error_of(written(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16'000, 1, {})), Code::kInvalidArgument);
}

TEST(Decoder, SamplesThatAreNoNumbersAreRefused) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> samples(20'000, 0.1F);
    samples[15'000] = bad;
    const std::string file = written(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16'000, 1, samples);
    EXPECT_EQ(error_of(file), Code::kInvalidArgument);
    EXPECT_NE(decode(file).error().message.find("no numbers"), std::string::npos);
  }
}

TEST(Decoder, AFileThatBreaksOffIsRefusedAndNotHalfRead) {
  const std::string wav = encoded(AudioFormat::kWav, 5);
  EXPECT_EQ(error_of(wav.substr(0, wav.size() / 2)), Code::kInvalidArgument);
  const std::string flac = encoded(AudioFormat::kFlac, 5);
  EXPECT_EQ(error_of(flac.substr(0, flac.size() / 2)), Code::kInvalidArgument);
  EXPECT_EQ(error_of(flac.substr(0, 60)), Code::kInvalidArgument);
}

TEST(Decoder, WhatIsTooLongIsRefusedBeforeItIsDecoded) {
  const DecodeOptions one_second{.longest = base::Millis{1000}};
  for (const AudioFormat format : {AudioFormat::kWav, AudioFormat::kFlac, AudioFormat::kMp3, AudioFormat::kOpus}) {
    const auto decoded = decode(encoded(format, 3), one_second);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Code::kInvalidArgument);
    EXPECT_NE(decoded.error().remedy.find("transcription.max_audio"), std::string::npos) << format_name(format);
  }
}

TEST(Decoder, AStopEndsItWithinABlock) {
  std::stop_source stop;
  stop.request_stop();
  const auto decoded = decode(encoded(AudioFormat::kFlac), {}, stop.get_token());
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Code::kCancelled);
}

/// A file as hostile as the test wants.
class FakeReader final : public SoundReader {
 public:
  base::Result<std::size_t> read(std::span<float> interleaved) override {
    ++reads;
    if (on_read) on_read();
    if (fails_at == reads) return base::fail(Code::kInvalidArgument, "lost sync");
    if (blocks != 0 && reads > blocks) return 0;
    std::fill(interleaved.begin(), interleaved.end(), 0.25F);
    return interleaved.size() / channel_count;
  }
  base::SampleRate rate() const override { return {hz}; }
  std::size_t channels() const override { return channel_count; }
  std::optional<std::int64_t> frames() const override { return promised; }
  bool is_exact() const override { return exact; }

  int reads = 0, blocks = 0, fails_at = 0, hz = 16'000;
  std::size_t channel_count = 1;
  std::optional<std::int64_t> promised;
  bool exact = false;
  std::function<void()> on_read;
};

base::Result<Decoded> decode_fake(FakeReader& reader, std::stop_token stop = {}) {
  return decode(reader, "fake", {.longest = base::Millis{60'000}}, stop);
}

TEST(Decoder, WhatItDoesNotReadIsForTheOther) {
  std::vector<std::string> asked;
  DecodeOptions options;
  options.other = [&asked](std::string_view bytes, std::string_view name,
                           const std::stop_token&) -> base::Result<std::unique_ptr<SoundReader>> {
    asked.emplace_back(name);
    if (bytes.ends_with('!')) return base::fail(Code::kInvalidArgument, "the other's word");
    auto reader = std::make_unique<FakeReader>();
    reader->blocks = 1;
    return reader;
  };
  const std::string m4a = std::string("\0\0\0\x20", 4) + "ftypM4A ";
  const std::string caf = std::string("caff\0\1", 6);
  std::string rare = encoded(AudioFormat::kWav);
  rare[20] = '\x77';  // a coding that libsndfile does not know
  for (const std::string& file : {m4a, caf, rare}) EXPECT_TRUE(decode(file, options));
  EXPECT_EQ(asked, (std::vector<std::string>{"mp4 or m4a", "sound", "wav"}));
  EXPECT_EQ(decode(m4a + "!", options).error().message, "the other's word");
  EXPECT_NE(decode(caf + "!", options).error().remedy.find("m4a"), std::string::npos);
  // Of a kind that this room reads, its own word is the better one.
  EXPECT_NE(decode(rare + "!", options).error().message.find("coding that is not known"), std::string::npos);
  asked.clear();
  EXPECT_TRUE(decode(encoded(AudioFormat::kMp3), options));
  EXPECT_FALSE(decode("a letter", options));
  EXPECT_TRUE(asked.empty());
}

TEST(Decoder, ASoundWithoutEndEndsAtTheLimit) {
  FakeReader endless;
  EXPECT_EQ(decode_fake(endless).error().code, Code::kInvalidArgument);
  EXPECT_LT(endless.reads, 32);
  FakeReader many;
  many.channel_count = 1024;
  EXPECT_EQ(decode(many, "fake", {.longest = base::Millis{1'000}}, {}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(many.reads, 501);
}

TEST(Decoder, AHeadersLieReservesNothingAndIsToldWhereTheFileMustKnow) {
  FakeReader lying;
  lying.promised = 16'000 * 50;
  lying.blocks = 2;
  EXPECT_TRUE(decode_fake(lying)) << "an estimate may be wrong";
  lying.reads = 0;
  lying.exact = true;
  EXPECT_EQ(decode_fake(lying).error().message,
            "the fake file breaks off after 4.1 s of the 50.0 s that its header tells");
  lying.promised = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(decode_fake(lying).error().code, Code::kInvalidArgument);
}

TEST(Decoder, DamageSaysWhereItBegan) {
  FakeReader damaged;
  damaged.fails_at = 3;
  EXPECT_EQ(decode_fake(damaged).error().message, "the fake file is damaged after 4.1 s: lost sync");
}

TEST(Decoder, AnAbsurdRateIsRefused) {
  for (const int hz : {1, 999, 1'000'000, 2'147'483'647}) {
    FakeReader reader;
    reader.hz = hz;
    EXPECT_EQ(decode_fake(reader).error().code, Code::kInvalidArgument) << hz;
    EXPECT_EQ(reader.reads, 0);
  }
}

TEST(Decoder, AStopInTheMiddleIsSeenAtTheNextBlock) {
  std::stop_source stop;
  FakeReader endless;
  endless.on_read = [&] {
    if (endless.reads == 5) stop.request_stop();
  };
  EXPECT_EQ(decode_fake(endless, stop.get_token()).error().code, Code::kCancelled);
  EXPECT_EQ(endless.reads, 5);
}

TEST(Decoder, WithoutItsLibraryItSaysWhatToInstall) {
  const std::string wav = encoded(AudioFormat::kWav);
  const auto reader = open_sound(wav, Container::kWav, "libnothing.so.7");
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, Code::kUnsupported);
  EXPECT_NE(reader.error().remedy.find("libsndfile1"), std::string::npos);
}

TEST(Decoder, KnowsThatItCanWorkHere) { EXPECT_TRUE(check_decoder()); }

TEST(Decoder, SurvivesEveryTruncationAndRandomDamage) {
  std::mt19937 random(3);
  for (const AudioFormat format : {AudioFormat::kWav, AudioFormat::kFlac, AudioFormat::kMp3, AudioFormat::kOpus}) {
    const std::string whole = encoded(format, 0.2);
    for (std::size_t n = 0; n < whole.size(); n += n < 400 ? 1 : 97) static_cast<void>(decode(whole.substr(0, n)));
    for (int i = 0; i < 400; ++i) {
      std::string damaged = whole;
      const std::size_t reach = i % 2 == 0 ? std::min<std::size_t>(100, whole.size()) : whole.size();
      for (int j = 0; j < 4; ++j) damaged[random() % reach] = static_cast<char>(random());
      if (const auto decoded = decode(damaged, {.longest = base::Millis{10'000}})) {
        EXPECT_LE(loudest(decoded->samples), 1.0F);
        EXPECT_LE(decoded->length(), base::Millis{10'001});
      }
    }
  }
}

TEST(Decoder, AllSoundsTogetherKeepToTheirBudgetAndGiveItBack) {
  SampleBudget budget(16'000 * 3 / 2);
  const std::string file = encoded(AudioFormat::kWav);
  {
    const auto first = decode(file, {.budget = &budget});
    ASSERT_TRUE(first) << first.error().line();
    EXPECT_LE(budget.left(), 16'000 * 6 / 10);
    const auto second = decode(file, {.budget = &budget});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::kExhausted);
  }
  EXPECT_EQ(budget.left(), 16'000 * 3 / 2);
  EXPECT_TRUE(decode(file, {.budget = &budget}));
}

}  // namespace
}  // namespace hearth::audio
