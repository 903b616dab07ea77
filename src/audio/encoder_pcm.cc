// wav and pcm: the same samples, with and without a header.

#include "audio/encoder_kinds.h"
#include "audio/samples.h"
#include "audio/wav.h"

namespace hearth::audio {
namespace {

using base::Result;

class PcmEncoder : public Encoder {
 public:
  explicit PcmEncoder(const EncoderOptions& options) : Encoder(AudioFormat::kPcm, options) {}

 protected:
  PcmEncoder(AudioFormat format, const EncoderOptions& options) : Encoder(format, options) {}
  Result<void> start(std::string&) override { return {}; }
  Result<void> append(std::span<const float> samples, std::string& out) override {
    const std::size_t before = out.size();
    out.resize(before + samples.size() * 2);
    char* at = out.data() + before;
    for (const float value : samples) {
      const auto word = static_cast<std::uint16_t>(to_s16(value));
      *at++ = static_cast<char>(word & 0xFF);
      *at++ = static_cast<char>(word >> 8);
    }
    return {};
  }
  Result<void> close(std::string&) override { return {}; }
};

class WavEncoder final : public PcmEncoder {
 public:
  WavEncoder(base::SampleRate rate, const EncoderOptions& options)
      : PcmEncoder(AudioFormat::kWav, options), header_(wav_header(rate, options.total_samples)) {}

 private:
  Result<void> start(std::string& out) override {
    out.append(header_.data(), header_.size());
    return {};
  }
  const std::array<char, kWavHeaderSize> header_;
};

}  // namespace

MadeEncoder make_pcm_encoder(const EncoderOptions& options) { return std::make_unique<PcmEncoder>(options); }

MadeEncoder make_wav_encoder(base::SampleRate rate, const EncoderOptions& options) {
  if (options.total_samples && *options.total_samples > kWavMaxSamples) {
    return base::fail(base::Code::kExhausted, "a WAV file cannot hold that many samples", "use flac or pcm");
  }
  return std::make_unique<WavEncoder>(rate, options);
}

}  // namespace hearth::audio
