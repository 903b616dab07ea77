#include "audio/encoder.h"

#include <algorithm>
#include <array>

#include "audio/encoder_kinds.h"
#include "audio/samples.h"

namespace hearth::audio {

using base::Code;
using base::fail;
using base::Result;

Result<void> Encoder::open(std::string& out) {
  if (stage_ == Stage::kClosed) return fail(Code::kInvalidArgument, "the sound has already been finished");
  if (stage_ == Stage::kOpen) return {};
  stage_ = Stage::kOpen;
  return start(out);
}

Result<std::string> Encoder::encode(std::span<const float> samples) {
  std::string out;
  if (auto opened = open(out); !opened) return fail(opened.error());
  if (total_ && samples.size() > static_cast<std::uint64_t>(*total_ - samples_)) {
    return fail(Code::kInvalidArgument, "more samples than the " + std::to_string(*total_) + " that were announced");
  }
  std::array<float, kBlock> clean;
  while (!samples.empty()) {
    const std::size_t n = std::min(samples.size(), clean.size());
    std::transform(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(n), clean.begin(), clean_sample);
    if (auto done = append(std::span(clean).first(n), out); !done) return fail(done.error());
    samples_ += static_cast<std::int64_t>(n);
    samples = samples.subspan(n);
  }
  return out;
}

Result<std::string> Encoder::finish() {
  std::string out;
  if (auto opened = open(out); !opened) return fail(opened.error());
  stage_ = Stage::kClosed;
  if (total_ && samples_ != *total_) {
    return fail(Code::kInvalidArgument,
                "only " + std::to_string(samples_) + " of " + std::to_string(*total_) + " announced samples came");
  }
  if (auto done = close(out); !done) return fail(done.error());
  return out;
}

Result<std::unique_ptr<Encoder>> make_encoder(AudioFormat format, base::SampleRate rate,
                                              const EncoderOptions& options) {
  if (rate.hz < 8'000 || rate.hz > 192'000) {
    return fail(Code::kUnsupported, "a sample rate of " + std::to_string(rate.hz) + " Hz", "use 8,000 to 192,000 Hz");
  }
  if (options.total_samples && *options.total_samples < 0) {
    return fail(Code::kInvalidArgument, "a negative number of samples");
  }
  switch (format) {
    case AudioFormat::kWav:
      return make_wav_encoder(rate, options);
    case AudioFormat::kMp3:
      return make_mp3_encoder(rate, options);
    case AudioFormat::kFlac:
      return make_flac_encoder(rate, options);
    case AudioFormat::kOpus:
      return make_opus_encoder(rate, options);
    case AudioFormat::kPcm:
      return make_pcm_encoder(options);
  }
  return fail(Code::kUnsupported, "an unknown audio format", "use " + std::string(kFormatList));
}

Result<std::string> encode_all(AudioFormat format, base::SampleRate rate, std::span<const float> samples) {
  EncoderOptions options;
  options.total_samples = static_cast<std::int64_t>(samples.size());
  auto encoder = make_encoder(format, rate, options);
  if (!encoder) return fail(encoder.error());
  auto out = (*encoder)->encode(samples);
  if (!out) return out;
  auto rest = (*encoder)->finish();
  if (!rest) return rest;
  return *out + *rest;
}

}  // namespace hearth::audio
